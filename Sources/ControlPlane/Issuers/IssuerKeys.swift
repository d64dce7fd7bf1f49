import Domain
package import Logging
import Wire

/// The keys of every issuer, fetched when they are wanted and kept: at once again for a key that is not among them,
/// which is how issuers turn theirs over, within the pace of `IssuerAnswers`.
package struct IssuerKeys: Sendable {
    private let discovery: IssuerDiscovery
    private let answers: IssuerAnswers<PublicKeys>

    package init(_ fetcher: any IssuerFetcher, ownPorts: Set<Int>, logger: Logger) {
        self.discovery = IssuerDiscovery(fetcher, ownPorts: ownPorts)
        self.answers = IssuerAnswers(of: "keys", logger: logger)
    }

    /// The key that `token` of this issuer's can be signed with.
    func key(
        for token: JSONWebToken,
        of issuer: IssuerContent,
        at now: Timestamp
    ) async throws(SignInFault) -> IssuerKey {
        try await self.keys(of: issuer, at: now, suits: { $0.know(token) }).key(for: token)
    }

    /// All of them, if possible some that suit, and at most so old; where the issuer does not answer, the last that are
    /// known.
    func keys(
        of issuer: IssuerContent,
        within milliseconds: Int64 = IssuerPace.freshMilliseconds,
        at now: Timestamp,
        suits: @Sendable (PublicKeys) -> Bool = { _ in true }
    ) async throws(SignInFault) -> PublicKeys {
        let discovery = self.discovery
        return try await self.answers.answer(
            of: issuer,
            within: milliseconds,
            at: now,
            suits: suits,
            ask: { () async throws(SignInFault) in try await discovery.keys(of: issuer) }
        )
    }
}
