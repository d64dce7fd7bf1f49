internal import Dialects
internal import Domain
internal import NIOCore
internal import Wire

/// A JSON Web Token (RFC 7519, in the compact serialization of RFC 7515, 7.1) as an application sent it: read, and not
/// believed.
struct ApplicationToken {
    let header: TokenHeader
    let claims: Claims
    /// Header and payload as they were sent, with the dot between them.
    let signed: [UInt8]
    let signature: [UInt8]

    /// What every node can be asked to take: with the largest tokens that issuers make, of many groups.
    static let lengthMax = 16 << 10

    /// Three parts with dots between them, which no key of ours is.
    static func isLike(_ text: ByteBuffer) -> Bool {
        text.readableBytesView.count { $0 == UInt8(ascii: ".") } == 2
    }

    init(_ text: ByteBuffer, with reader: JSONReader) throws(TokenFlaw) {
        guard text.readableBytes <= Self.lengthMax else {
            throw TokenFlaw("it is longer than \(Self.lengthMax) bytes")
        }
        let parts = text.readableBytesView.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3,
            let header = Self.object(parts[0], with: reader), let payload = Self.object(parts[1], with: reader),
            let signature = Base64.decodeURL(String(decoding: parts[2], as: UTF8.self))
        else { throw TokenFlaw("it is not three parts in base64url with JSON in the first two") }
        self.header = try TokenHeader(header)
        self.claims = Claims(payload)
        self.signed = Array(text.readableBytesView.prefix(parts[0].count + 1 + parts[1].count))
        self.signature = signature
    }

    private static func object(_ part: ByteBufferView, with reader: JSONReader) -> [String: JSONValue]? {
        guard let bytes = Base64.decodeURL(String(decoding: part, as: UTF8.self)) else { return nil }
        // Nil says it: the caller's sentence names what a token is made of.
        return try? reader.object(ByteBuffer(bytes: bytes), field: "claims")
    }
}
