import Foundation
import Platform

/// The control plane as a command sees it: a path goes in, JSON or a thrown `Refusal` comes out.
struct Server: Sendable {
    static let replyBytesMax = 64 << 20

    let url: String
    let token: String
    let caBundle: String?

    struct Body: Sendable {
        let bytes: [UInt8]
        let contentType: String

        static func json(_ value: JSONValue) throws -> Body {
            Body(bytes: Array(try JSONEncoder().encode(value)), contentType: "application/json")
        }

        static let none = Body(bytes: [], contentType: "")
    }

    struct Reply: Sendable {
        let value: JSONValue
        /// As it came, for `--json`.
        let text: String
        let status: Int
        let location: String?
    }

    func call(
        _ method: OutgoingRequest.Method,
        _ path: String,
        _ body: Body = .none,
        ifMatch: String? = nil
    ) async throws -> Reply {
        var headers = [
            OutgoingHeader("authorization", "Bearer \(self.token)"), OutgoingHeader("accept", "application/json"),
        ]
        if !body.contentType.isEmpty { headers.append(OutgoingHeader("content-type", body.contentType)) }
        if let ifMatch { headers.append(OutgoingHeader("if-match", ifMatch)) }
        let base = self.url.hasSuffix("/") ? String(self.url.dropLast()) : self.url
        let request = OutgoingRequest(
            method,
            "\(base)/v1\(path)",
            headers: headers,
            body: body.bytes,
            timeout: .seconds(60),
            replyBytesMax: Self.replyBytesMax
        )
        let options = OutgoingOptions(userAgent: "martlet-cli", trust: .authorities(bundle: self.caBundle))
        let response: OutgoingResponse
        do {
            response = try await OutgoingClient.scoped(options) { try await $0.send(request) }
        } catch let fault as OutgoingFault {
            throw Refusal.unreachable(base, fault)
        }
        return try Self.read(response)
    }

    private static func read(_ response: OutgoingResponse) throws -> Reply {
        let text = String(decoding: response.body, as: UTF8.self)
        guard (200..<300).contains(response.status) else { throw Refusal(response) }
        let location = response["location"]
        guard !response.body.isEmpty else {
            return Reply(value: .null, text: "", status: response.status, location: location)
        }
        do {
            let value = try JSONDecoder().decode(JSONValue.self, from: Data(response.body))
            return Reply(value: value, text: text, status: response.status, location: location)
        } catch {
            throw Refusal(
                exit: .unavailable,
                lines: ["the reply is not JSON; is the URL that of a control plane's admin API?"]
            )
        }
    }

    /// Nil where there is no such thing.
    func found(_ path: String) async throws -> JSONValue? {
        do {
            return try await self.call(.get, path).value
        } catch let refusal as Refusal where refusal.status == 404 {
            return nil
        }
    }

    /// All items of a collection, page by page.
    func items(_ path: String) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        try await self.eachItem(path) { items.append($0) }
        return items
    }

    /// The same, one after the other: no more than a page is held.
    func eachItem(_ path: String, _ body: (JSONValue) throws -> Void) async throws {
        var cursor: String?
        repeat {
            let joint = path.contains("?") ? "&" : "?"
            let page = try await self.call(.get, path + (cursor.map { "\(joint)after=\(Self.escaped($0))" } ?? ""))
            for item in page.value["items"].array { try body(item) }
            cursor = page.value["next"].string
        } while cursor != nil
    }

    /// A name as one path segment or query value: `openai/gpt-4o` becomes `openai%2Fgpt-4o`.
    static func escaped(_ name: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
        return name.utf8.map { plain.contains($0) ? String(UnicodeScalar($0)) : "%" + Self.hex($0) }.joined()
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "0\(digits)" : digits
    }
}
