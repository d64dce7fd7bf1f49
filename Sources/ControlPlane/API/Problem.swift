import Domain
import HTTPTypes
import Storage

/// A refusal as people and scripts see it: RFC 9457 `application/problem+json`, with everything that is wrong with a
/// body in `errors`. Whoever throws one has changed nothing.
package struct Problem: Error, Hashable, Sendable {
    package let status: Int
    /// A word that scripts may compare: `urn:martlet:problem:<slug>`.
    package let slug: String
    package let title: String
    /// A sentence that says what to do.
    package let detail: String
    package let errors: [FieldProblem]
    package let headers: [String: String]

    package init(
        _ status: Int,
        _ slug: String,
        _ title: String,
        _ detail: String,
        errors: [FieldProblem] = [],
        headers: [String: String] = [:]
    ) {
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.errors = errors
        self.headers = headers
    }

    package func json(request: String) -> JSON {
        .object([
            "type": .string("urn:martlet:problem:\(self.slug)"),
            "title": .string(self.title),
            "status": .number(self.status),
            "detail": .string(self.detail),
            "instance": .string("urn:martlet:request:\(request)"),
            "errors": .array(
                self.errors.map { .object(["pointer": .string($0.pointer), "detail": .string($0.detail)]) }
            ),
        ])
    }
}

extension Problem {
    package static func invalid(_ errors: [FieldProblem]) -> Problem {
        let first = errors.first.map { "\($0.pointer.isEmpty ? "the body" : $0.pointer): \($0.detail)" } ?? ""
        let more = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
        return Problem(422, "invalid", "The body is not what this takes", first + more, errors: errors)
    }

    static func invalid(at pointer: String, _ detail: String) -> Problem {
        .invalid([FieldProblem(at: pointer, detail)])
    }

    static func malformed(_ detail: String) -> Problem {
        Problem(400, "malformed", "The body cannot be read", detail, errors: [FieldProblem(at: "", detail)])
    }

    static func badQuery(_ item: String, _ detail: String) -> Problem {
        let sentence = "the query item \(item) \(detail)"
        return Problem(
            400,
            "bad-query",
            "The query is not what this takes",
            sentence,
            errors: [FieldProblem(at: "", sentence)]
        )
    }

    static let unauthenticated = Problem(
        401,
        "unauthenticated",
        "Who are you?",
        "send Authorization: Bearer with a principal's token that has not expired, or a trusted issuer's",
        headers: ["WWW-Authenticate": "Bearer realm=\"martlet\""]
    )

    static func forbidden(_ permission: Permission, for team: Name<Team>? = nil, isHeld: Bool = false) -> Problem {
        let roles = permission.roles.map(\.rawValue).joined(separator: ", ")
        let place = team.map { " for the team \($0)" } ?? (isHeld ? ", and not for single teams only" : "")
        return Problem(403, "forbidden", "Your roles do not permit this", "it takes one of the roles: \(roles)\(place)")
    }

    static func notFound(_ subject: String) -> Problem {
        Problem(404, "not-found", "There is none", "there is no \(subject)")
    }

    static func methodNotAllowed(taken: [String]) -> Problem {
        let methods = taken.joined(separator: ", ")
        return Problem(
            405,
            "method-not-allowed",
            "Not this way",
            "this path takes \(methods)",
            headers: ["Allow": methods]
        )
    }

    static func conflict(_ detail: String, errors: [FieldProblem] = []) -> Problem {
        Problem(409, "conflict", "It cannot be done as things are", detail, errors: errors)
    }

    static let otherRequest = Problem(
        422,
        "idempotency-key-reused",
        "The idempotency key was used before",
        "this Idempotency-Key came with another request within 24 hours: use a new key for a new request",
        errors: [FieldProblem(at: "", "the Idempotency-Key came with another request")]
    )

    static func stale(latest: Int64) -> Problem {
        Problem(
            412,
            "stale-revision",
            "It was changed meanwhile",
            "it is at revision \(latest) now: read it again and send If-Match: \"\(latest)\"",
            headers: ["ETag": "\"\(latest)\""]
        )
    }

    static let preconditionRequired = Problem(
        428,
        "precondition-required",
        "Say what you saw",
        "send If-Match with the ETag of the revision that you read, so that nobody's change is overwritten"
    )

    /// What storage refuses, about `subject`. Nil for what is nobody's doing but ours.
    static func from(_ fault: StorageFault, about subject: String) -> Problem? {
        switch fault {
        case .notFound: .notFound(subject)
        case .exists: .conflict("there is a \(subject) already: use PUT to change it")
        case .staleRevision(let latest): latest.map(Self.stale) ?? .notFound(subject)
        case .wrongState(let detail): .conflict(detail)
        case .otherRequest: .otherRequest
        case .overloaded:
            Problem(503, "overloaded", "Too many writes wait", "try again in a second", headers: ["Retry-After": "1"])
        case .alreadyOpen, .newerSchema, .corrupt, .file: nil
        }
    }

    /// What this process could not do; the reason is in its log under the request's id.
    static let ours = Problem(
        500,
        "internal",
        "Something is wrong here",
        "nothing was changed; the control plane's log says more under this request's id"
    )
}
