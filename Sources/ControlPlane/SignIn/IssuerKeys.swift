import Domain
package import Logging
package import Platform

/// Where keys come from: the outgoing client, or a test's script.
package protocol KeyFetcher: Sendable {
    /// The body of a 200.
    func fetch(_ url: String) async throws(OutgoingFault) -> [UInt8]
}

extension OutgoingClient: KeyFetcher {
    private static let keyTimeout: Duration = .seconds(5)
    private static let keyBytesMax = 256 << 10

    package func fetch(_ url: String) async throws(OutgoingFault) -> [UInt8] {
        let request = OutgoingRequest(
            .get,
            url,
            headers: [OutgoingHeader("accept", "application/json")],
            timeout: Self.keyTimeout,
            replyBytesMax: Self.keyBytesMax
        )
        let response = try await self.send(request)
        guard response.status == 200 else { throw OutgoingFault(.malformed, "it answered \(response.status)") }
        return response.body
    }
}

/// The keys of every issuer, fetched when they are wanted and kept.
///
/// Fetched again after 15 minutes, so that a key that was withdrawn does not go on; and at once for a key that is not
/// among them, which is how issuers turn theirs over, but not within ten seconds of the last answer, so that nobody can
/// make us ask without end. Where an issuer does not answer, its last keys are good for a day, and nobody whose key is
/// among them waits for it.
///
/// An actor, because one fetch serves everybody who comes meanwhile; after each `await` the state is looked at anew.
package actor IssuerKeys {
    private static let freshMilliseconds: Int64 = 15 * 60_000
    private static let staleMilliseconds: Int64 = 24 * 3_600_000
    private static let pauseMilliseconds: Int64 = 10_000
    /// Whoever comes when so many wait already is told to come again: the issuer is slow, and more would not help.
    private static let waitingMax = 256
    /// Sources that are remembered; an installation has few issuers, and each change of one leaves a source behind.
    private static let sourcesMax = 256

    /// What keys are kept by: where they come from, and never only whose they are called.
    private struct Source: Hashable {
        let issuer: String
        let keysURL: String?
    }

    private struct State {
        var known: (keys: PublicKeys, fetched: Timestamp)?
        /// When the last fetch ended, well or not.
        var asked: Timestamp?
        /// Not nil while a fetch is under way.
        var waiting: [CheckedContinuation<Result<PublicKeys, SignInFault>, Never>]?

        func keys(within milliseconds: Int64, at now: Timestamp) -> PublicKeys? {
            guard let known = self.known, (0..<milliseconds).contains(now.milliseconds(since: known.fetched)) else {
                return nil
            }
            return known.keys
        }

        func mayAsk(at now: Timestamp) -> Bool {
            guard let asked = self.asked else { return true }
            return !(0..<IssuerKeys.pauseMilliseconds).contains(now.milliseconds(since: asked))
        }
    }

    private let fetcher: any KeyFetcher
    private let ownPorts: Set<Int>
    private let logger: Logger
    private var states: [Source: State] = [:]

    package init(_ fetcher: any KeyFetcher, ownPorts: Set<Int>, logger: Logger) {
        self.fetcher = fetcher
        self.ownPorts = ownPorts
        self.logger = logger
    }

    /// The key that `token` of this issuer's can be signed with.
    func key(for token: BearerToken, of issuer: IssuerContent, at now: Timestamp) async throws(SignInFault) -> IssuerKey
    {
        let source = Source(issuer: issuer.issuer, keysURL: issuer.keysURL)
        let state = self.states[source] ?? State()
        if let keys = state.keys(within: Self.freshMilliseconds, at: now), keys.know(token) {
            return try keys.key(for: token)
        }
        let last = state.keys(within: Self.staleMilliseconds, at: now)
        if let last, last.know(token), state.waiting != nil || !state.mayAsk(at: now) {
            return try last.key(for: token)
        }
        return try await self.newest(source, last, issuer, at: now).key(for: token)
    }

    /// All of them, at most so old; where the issuer does not answer, the last that are known.
    func keys(
        of issuer: IssuerContent,
        within milliseconds: Int64,
        at now: Timestamp
    ) async throws(SignInFault) -> PublicKeys {
        let source = Source(issuer: issuer.issuer, keysURL: issuer.keysURL)
        let state = self.states[source] ?? State()
        if let keys = state.keys(within: milliseconds, at: now) { return keys }
        return try await self.newest(source, state.keys(within: Self.staleMilliseconds, at: now), issuer, at: now)
    }

    /// What is fetched now, or was a moment ago.
    private func newest(
        _ source: Source,
        _ last: PublicKeys?,
        _ issuer: IssuerContent,
        at now: Timestamp
    ) async throws(SignInFault) -> PublicKeys {
        let state = self.states[source] ?? State()
        if state.waiting != nil { return try await self.awaited(source) }
        guard state.mayAsk(at: now) else {
            guard let last else { throw .noKeys("they were asked for a moment ago") }
            return last
        }
        return try await self.fetched(source, last, issuer, at: now)
    }

    private func awaited(_ source: Source) async throws(SignInFault) -> PublicKeys {
        guard self.states[source]?.waiting?.count ?? 0 < Self.waitingMax else {
            throw .noKeys("too many wait for them")
        }
        return try await withCheckedContinuation { self.states[source]?.waiting?.append($0) }.get()
    }

    private func fetched(
        _ source: Source,
        _ last: PublicKeys?,
        _ issuer: IssuerContent,
        at now: Timestamp
    ) async throws(SignInFault) -> PublicKeys {
        if self.states.count >= Self.sourcesMax { self.states = self.states.filter { $0.value.waiting != nil } }
        self.states[source, default: State()].waiting = []
        let result = await self.result(of: issuer, last)
        if case .success(let (keys, isNew)) = result, isNew { self.states[source]?.known = (keys, now) }
        self.states[source]?.asked = now
        let keys = result.map(\.keys)
        let waiting = self.states[source]?.waiting ?? []
        self.states[source]?.waiting = nil
        for continuation in waiting { continuation.resume(returning: keys) }
        return try keys.get()
    }

    private func result(
        of issuer: IssuerContent,
        _ last: PublicKeys?
    ) async -> Result<(keys: PublicKeys, isNew: Bool), SignInFault> {
        do throws(SignInFault) {
            return .success((try await self.fetchKeys(of: issuer), true))
        } catch {
            self.logger.warning(
                "issuer's keys not fetched",
                metadata: ["issuer": "\(issuer.name)", "error": "\(error)", "last.known": "\(last != nil)"]
            )
            return last.map { .success(($0, false)) } ?? .failure(error)
        }
    }

    private func fetchKeys(of issuer: IssuerContent) async throws(SignInFault) -> PublicKeys {
        let url: String = if let given = issuer.keysURL { given } else { try await self.discovered(issuer) }
        guard let keys = PublicKeys(try await self.fetch(url)) else { throw .noKeys("\(url) gave no key set") }
        return keys
    }

    /// OpenID Connect Discovery 1.0, section 4: the document must say that it is this issuer's.
    private func discovered(_ issuer: IssuerContent) async throws(SignInFault) -> String {
        let base = issuer.issuer.hasSuffix("/") ? String(issuer.issuer.dropLast()) : issuer.issuer
        let address = "\(base)/.well-known/openid-configuration"
        let bytes = try await self.fetch(address)
        // What is no JSON says nothing of an issuer, and the sentence below is true of it.
        guard let document = try? JSON.parse(bytes), document["issuer"]?.string == issuer.issuer else {
            throw .noKeys("\(address) does not say that it is \(issuer.issuer)")
        }
        guard let text = document["jwks_uri"]?.string, let url = BaseURL(text), self.mayAsk(url, for: issuer) else {
            throw .noKeys("\(address) names no address of keys that may be asked")
        }
        return text
    }

    /// An issuer elsewhere sends nobody to this machine's own ports.
    private func mayAsk(_ url: BaseURL, for issuer: IssuerContent) -> Bool {
        let isHere = BaseURL(issuer.issuer).map(AddressRules.isLoopback) ?? false
        return AddressRules.isAuthentic(url) && (isHere || !AddressRules.isLoopback(url))
            && AddressRules.refusal(of: url, ownPorts: self.ownPorts) == nil
    }

    private func fetch(_ url: String) async throws(SignInFault) -> [UInt8] {
        do {
            return try await self.fetcher.fetch(url)
        } catch {
            throw .noKeys("\(url): \(error)")
        }
    }
}
