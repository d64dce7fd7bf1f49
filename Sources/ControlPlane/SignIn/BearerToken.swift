import Domain
import Wire

/// A JSON Web Token (RFC 7519) as it was sent: read, and not believed.
struct BearerToken {
    let text: String
    let header: TokenHeader
    let claims: Claims

    static let bytesMax = 16 << 10

    init(_ text: String) throws(SignInFault) {
        guard text.utf8.count <= Self.bytesMax else { throw .badToken("it is longer than \(Self.bytesMax) bytes") }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let payload = Self.object(parts[1]) else {
            throw .badToken("it is not three parts in base64url with JSON in the first two")
        }
        self.text = text
        self.header = try SignInFault.reading { () throws(TokenFlaw) in try TokenHeader(header) }
        self.claims = Claims(payload)
    }

    private static func object(_ part: Substring) -> [String: JSONValue]? {
        // Nil says it: the caller's sentence names what a token is made of.
        guard let bytes = Base64.decodeURL(String(part)), let json = try? JSON.parse(bytes),
            case .object(let members) = json.jsonValue(depth: 0)
        else { return nil }
        return members
    }
}
