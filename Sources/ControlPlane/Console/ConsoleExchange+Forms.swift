import HTTPTypes
import Hummingbird
import NIOCore

/// What forms say, and whether a page of ours sent them.
extension ConsoleExchange {
    func requireOwnPage() throws {
        let isOwn = SameOrigin.holds(
            fetchSite: HTTPField.Name("Sec-Fetch-Site").flatMap { self.request.headers[$0] },
            origin: self.request.headers[.origin],
            host: self.request.head.authority
        )
        guard isOwn else { throw Problem.foreignForm }
    }

    /// A form of this session's own page.
    func fields(of session: Session) async throws -> FormFields {
        try self.requireOwnPage()
        let fields = try await self.fields()
        guard Secrecy.isEqual(fields["csrf"] ?? "", session.csrf) else { throw Problem.foreignForm }
        return fields
    }

    func fields() async throws -> FormFields {
        do {
            let body = try await self.request.body.collect(upTo: Self.bodyBytesMax)
            return FormFields(String(buffer: body))
        } catch is NIOTooManyBytesError {
            throw Problem(
                413,
                "too-large",
                "The form is too large",
                "at most \(Self.bodyBytesMax) bytes are taken here"
            )
        }
    }

    func visit(_ entrance: Entrance, form: FormFields = .none) throws -> Visit {
        var parameters: [String: String] = [:]
        for (name, raw) in self.context.parameters {
            guard let decoded = PercentEncoding.decode(String(raw)) else { throw Problem.notFound("such page") }
            parameters[String(name)] = decoded
        }
        return Visit(
            door: self.console.door,
            caller: entrance.caller,
            parameters: parameters,
            query: FormFields(self.request.uri.query ?? ""),
            form: form,
            now: self.now,
            id: self.id
        )
    }
}

extension Problem {
    static let foreignForm = Problem(
        403,
        "foreign-form",
        "This form is not from here",
        "it was sent by another site, or by a page that was open before you signed in: open the page again"
    )
}
