internal import Crypto
internal import Dialects
internal import Domain
internal import NIOCore

/// Finds out which application sends, for one connection.
///
/// A connection hardly ever changes its key, so the last one's digest is remembered; whether the key or the token is
/// still good is asked of the snapshot and the clock each time.
final class ApplicationLookup {
    /// Bytes. Our keys have some forty, tokens of issuers a thousand or two; a connection at rest keeps no more of
    /// whatever else was sent as one.
    private static let rememberedMax = 4_096

    private var text = ByteBuffer()
    private var digest: Domain.Digest?
    /// Those of the connection's event loop.
    private let tokens: KnownTokens

    init(_ tokens: KnownTokens) { self.tokens = tokens }

    /// Who sent these fields, by a key or a token that is good now.
    func application(
        of fields: Fields,
        on snapshot: Snapshot,
        at now: Timestamp
    ) throws(Fault) -> Application {
        var found: ByteBuffer?
        for index in fields.indices {
            guard let text = CredentialField.text(at: index, in: fields) else { continue }
            guard found == nil || found == text else { throw .twoKeys }
            found = text
        }
        guard let found else { throw .noKey }
        guard let digest = self.digest(of: found) else { throw .unknownKey }
        if let key = snapshot.key(digest, at: now) { return key.application }
        // Without issuers, whatever is no key is a wrong key, and is told so.
        guard !snapshot.content.issuers.isEmpty, Self.isLikeToken(found) else { throw .unknownKey }
        do {
            return try self.tokens.application(of: found, digest, on: snapshot.content, at: now)
        } catch {
            throw .badToken(error)
        }
    }

    /// Three parts with dots between them, which no key of ours is.
    private static func isLikeToken(_ text: ByteBuffer) -> Bool {
        text.readableBytesView.count { $0 == UInt8(ascii: ".") } == 2
    }

    private func digest(of key: ByteBuffer) -> Domain.Digest? {
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

    fileprivate static func badToken(_ flaw: TokenFlaw) -> Fault {
        Fault(.invalidAPIKey, "This JSON web token opens nothing: \(flaw.reason).")
    }
}
