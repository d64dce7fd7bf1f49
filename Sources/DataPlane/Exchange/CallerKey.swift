internal import Crypto
internal import Domain
internal import NIOCore

extension Snapshot {
    /// The API key that a request carries, in whichever header its vendor's SDK puts it.
    func key(of fields: Fields, digestedBy digests: KeyDigests, at now: Timestamp) throws(Fault) -> APIKey {
        var found: ByteBuffer?
        for index in fields.indices {
            guard let text = CallerKey.text(at: index, in: fields) else { continue }
            guard found == nil || found == text else { throw .twoKeys }
            found = text
        }
        guard let found else { throw .noKey }
        guard let digest = digests.digest(of: found), let key = self.key(digest, at: now) else { throw .unknownKey }
        return key
    }
}

/// Digests of the keys that come on one connection. A connection hardly ever changes its key, so the last one is
/// remembered; whether the key is still valid is asked of the snapshot each time.
final class KeyDigests {
    /// Bytes. Ours have some forty; a connection at rest keeps no more of whatever else was sent as one.
    private static let rememberedMax = 256

    private var text = ByteBuffer()
    private var digest: Domain.Digest?

    func digest(of key: ByteBuffer) -> Domain.Digest? {
        if self.digest != nil, self.text == key { return self.digest }
        let hash = unsafe key.withUnsafeReadableBytes { unsafe SHA256.hash(data: $0) }
        let digest = unsafe hash.withUnsafeBytes { unsafe Domain.Digest(Array($0)) }
        guard key.readableBytes <= Self.rememberedMax else { return digest }
        // A copy: the key is a part of what was read, which would be kept whole for its sake.
        self.text.clear()
        self.text.writeImmutableBuffer(key)
        self.digest = digest
        return digest
    }
}

enum CallerKey {
    /// The key in a field that carries one; nil for other fields and for other schemes of authorization.
    static func text(at index: Int, in fields: Fields) -> ByteBuffer? {
        if fields.isNamed("authorization", at: index) { return self.bearer(fields.bytes(at: index)) }
        guard
            fields.isNamed("x-api-key", at: index) || fields.isNamed("api-key", at: index)
                || fields.isNamed("x-goog-api-key", at: index)
        else { return nil }
        return fields.bytes(at: index)
    }

    /// Behind `Bearer`, in whatever case, and spaces.
    private static func bearer(_ value: ByteBuffer) -> ByteBuffer? {
        var rest = value
        for expected in "bearer".utf8 {
            guard let byte: UInt8 = rest.readInteger(), byte.lowercasedASCII == expected else { return nil }
        }
        guard rest.readableBytes == 0 || rest.getInteger(at: rest.readerIndex) == UInt8(ascii: " ") else { return nil }
        while rest.getInteger(at: rest.readerIndex) == UInt8(ascii: " ") { rest.moveReaderIndex(forwardBy: 1) }
        return rest
    }
}

extension Fault {
    fileprivate static let noKey = Fault(
        .invalidAPIKey,
        "No API key. Send yours as 'Authorization: Bearer mk_…', 'x-api-key', 'api-key' or 'x-goog-api-key'."
    )
    fileprivate static let twoKeys = Fault(
        .invalidAPIKey,
        "The request carries two different API keys. Send one."
    )
    fileprivate static let unknownKey = Fault(
        .invalidAPIKey,
        "This API key is unknown, expired or revoked. Ask your platform team for a valid one."
    )
}
