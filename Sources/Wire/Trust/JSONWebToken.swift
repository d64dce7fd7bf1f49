package import Domain

/// A JSON Web Token (RFC 7519, in the compact serialization of RFC 7515, 7.1) as it was sent: read, and not believed.
package struct JSONWebToken: Sendable {
    package let header: TokenHeader
    package let claims: Claims
    /// Header and payload as they were sent, with the dot between them.
    package let signed: [UInt8]
    package let signature: [UInt8]

    /// Bytes: room for the largest tokens that issuers make, of many groups.
    package static let lengthMax = 16 << 10

    /// `object` reads one part's JSON strictly, as each plane does; nil for what is no object.
    package init(_ text: [UInt8], object: ([UInt8]) -> [String: JSONValue]?) throws(TokenFlaw) {
        guard text.count <= Self.lengthMax else { throw TokenFlaw("it is longer than \(Self.lengthMax) bytes") }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3,
            let header = Self.decoded(parts[0]).flatMap(object), let payload = Self.decoded(parts[1]).flatMap(object),
            let signature = Self.decoded(parts[2])
        else { throw TokenFlaw("it is not three parts in base64url with JSON in the first two") }
        self.header = try TokenHeader(header)
        self.claims = Claims(payload)
        self.signed = Array(text.prefix(parts[0].count + 1 + parts[1].count))
        self.signature = signature
    }

    /// As it was sent: in base64url one value has one spelling.
    package var text: String { "\(String(decoding: self.signed, as: UTF8.self)).\(Base64.encodeURL(self.signature))" }

    private static func decoded(_ part: ArraySlice<UInt8>) -> [UInt8]? {
        Base64.decodeURL(String(decoding: part, as: UTF8.self))
    }
}
