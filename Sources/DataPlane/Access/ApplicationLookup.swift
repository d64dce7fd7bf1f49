internal import Crypto
internal import Dialects
internal import Domain
internal import NIOCore

/// Finds out which application sends, for one connection.
///
/// A connection hardly ever changes its key, so the digest of the last good one is remembered; whether the key or the token
/// is still good is asked of the snapshot and the clock each time.
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
        if let digest = self.digest, self.text == found {
            return try self.application(of: found, digest, on: snapshot, at: now)
        }
        guard let digest = Self.digest(of: found) else { throw .unknownKey }
        let application = try self.application(of: found, digest, on: snapshot, at: now)
        self.remember(found, digest)
        return application
    }

    private func application(
        of found: ByteBuffer,
        _ digest: Domain.Digest,
        on snapshot: Snapshot,
        at now: Timestamp
    ) throws(Fault) -> Application {
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

    private static func digest(of text: ByteBuffer) -> Domain.Digest? {
        let hash = unsafe text.withUnsafeReadableBytes { unsafe SHA256.hash(data: $0) }
        return unsafe hash.withUnsafeBytes { unsafe Domain.Digest(Array($0)) }
    }

    private func remember(_ text: ByteBuffer, _ digest: Domain.Digest) {
        guard text.readableBytes <= Self.rememberedMax else { return }
        // A copy: it is a part of what was read, which would be kept whole for its sake.
        self.text.clear()
        self.text.writeImmutableBuffer(text)
        self.digest = digest
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
