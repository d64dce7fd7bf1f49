internal import Dialects
internal import Domain
internal import NIOCore
internal import Wire

/// The tokens of issuers that were found good on one event loop, so that an application's next request does not pay for
/// the signature again. New content may have other keys and rules, so all are forgotten with it.
final class KnownTokens {
    private struct Known {
        let application: Application
        /// It had begun when it was found good.
        let end: Timestamp
    }

    /// Some hundred bytes each. At the bound all are forgotten: they are looked at again as they come.
    private static let countMax = 4_096

    private let reader: JSONReader
    private var content: SnapshotContent?
    private var known: [Domain.Digest: Known] = [:]

    init(_ reader: JSONReader) { self.reader = reader }

    /// Whom the token with this digest is about, if it is good now.
    func application(
        of text: ByteBuffer,
        _ digest: Domain.Digest,
        on content: SnapshotContent,
        at now: Timestamp
    ) throws(TokenFlaw) -> Application {
        if self.content !== content {
            self.known = [:]
            self.content = content
        }
        if let known = self.known[digest] {
            if now < known.end { return known.application }
            self.known[digest] = nil
        }
        let found = try self.found(text, on: content, at: now)
        if self.known.count >= Self.countMax { self.known = [:] }
        self.known[digest] = found
        return found.application
    }

    /// What costs least is asked first: a signature is looked at where all else is good.
    private func found(
        _ text: ByteBuffer,
        on content: SnapshotContent,
        at now: Timestamp
    ) throws(TokenFlaw) -> Known {
        let token = try JSONWebToken(Array(text.readableBytesView)) { bytes in
            // Nil says it: the flaw names what a token is made of.
            try? self.reader.object(ByteBuffer(bytes: bytes), field: "claims")
        }
        let issuer = try content.issuers.issuer(of: token.claims)
        let end = try token.claims.checkTimes(at: now)
        let application = try issuer.application(with: token.claims)
        let key = try issuer.keys.key(for: token.header)
        guard key.hasSigned(token.signed, token.signature, by: token.header.algorithm) else {
            throw TokenFlaw("its signature is not its issuer's")
        }
        return Known(application: application, end: end)
    }
}
