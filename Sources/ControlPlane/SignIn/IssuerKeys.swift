import Domain
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
/// among them, which is how issuers turn theirs over, but not more often than every ten seconds, so that nobody can make
/// us ask without end. Where an issuer does not answer, its last keys are good for a day.
///
/// An actor, because one fetch serves everybody who comes meanwhile; after each `await` the state is looked at anew.
package actor IssuerKeys {
    private static let freshMilliseconds: Int64 = 15 * 60_000
    private static let staleMilliseconds: Int64 = 24 * 3_600_000
    private static let pauseMilliseconds: Int64 = 10_000

    private struct Known {
        let source: IssuerContent
        let keys: PublicKeys
        let fetched: Timestamp
    }

    private let fetcher: any KeyFetcher
    private let ownPorts: Set<Int>
    private var known: [Name<Issuer>: Known] = [:]
    private var asked: [Name<Issuer>: Timestamp] = [:]
    private var waiting: [Name<Issuer>: [CheckedContinuation<Result<PublicKeys, SignInFault>, Never>]] = [:]

    package init(_ fetcher: any KeyFetcher, ownPorts: Set<Int>) {
        self.fetcher = fetcher
        self.ownPorts = ownPorts
    }

    /// The key that `token` of this issuer's can be signed with.
    func key(for token: BearerToken, of issuer: IssuerContent, at now: Timestamp) async throws(SignInFault) -> JSON {
        // A key that is not among the known ones may be among the new ones, whatever was wrong with it.
        if let known = self.usable(issuer, within: Self.freshMilliseconds, at: now),
            let key = try? known.key(for: token)
        {
            return key
        }
        return try await self.renewed(issuer, at: now).key(for: token)
    }

    private func usable(_ issuer: IssuerContent, within milliseconds: Int64, at now: Timestamp) -> PublicKeys? {
        guard let known = self.known[issuer.name], known.source.issuer == issuer.issuer,
            known.source.keysURL == issuer.keysURL, now.milliseconds(since: known.fetched) < milliseconds
        else { return nil }
        return known.keys
    }

    private func renewed(_ issuer: IssuerContent, at now: Timestamp) async throws(SignInFault) -> PublicKeys {
        let last = self.usable(issuer, within: Self.staleMilliseconds, at: now)
        if self.waiting[issuer.name] != nil {
            return try await withCheckedContinuation { self.waiting[issuer.name]?.append($0) }.get()
        }
        if let asked = self.asked[issuer.name], now.milliseconds(since: asked) < Self.pauseMilliseconds {
            if let last { return last }
            throw .noKeys(issuer.name, "they were asked for a moment ago")
        }
        self.asked[issuer.name] = now
        self.waiting[issuer.name] = []
        let result = await self.result(of: issuer, at: now, last)
        for continuation in self.waiting.removeValue(forKey: issuer.name) ?? [] {
            continuation.resume(returning: result)
        }
        return try result.get()
    }

    private func result(
        of issuer: IssuerContent,
        at now: Timestamp,
        _ last: PublicKeys?
    ) async -> Result<PublicKeys, SignInFault> {
        do throws(SignInFault) {
            let keys = try await self.fetchKeys(of: issuer)
            self.known[issuer.name] = Known(source: issuer, keys: keys, fetched: now)
            return .success(keys)
        } catch {
            return last.map { .success($0) } ?? .failure(error)
        }
    }

    private func fetchKeys(of issuer: IssuerContent) async throws(SignInFault) -> PublicKeys {
        let url: String = if let given = issuer.keysURL { given } else { try await self.discovered(issuer) }
        guard let keys = PublicKeys(try await self.fetch(url, issuer)) else {
            throw .noKeys(issuer.name, "\(url) gave no key set")
        }
        return keys
    }

    /// OpenID Connect Discovery 1.0, section 4: the document must say that it is this issuer's.
    private func discovered(_ issuer: IssuerContent) async throws(SignInFault) -> String {
        let base = issuer.issuer.hasSuffix("/") ? String(issuer.issuer.dropLast()) : issuer.issuer
        let address = "\(base)/.well-known/openid-configuration"
        let bytes = try await self.fetch(address, issuer)
        // What is no JSON says nothing of an issuer, and the sentence below is true of it.
        guard let document = try? JSON.parse(bytes), document["issuer"]?.string == issuer.issuer else {
            throw .noKeys(issuer.name, "\(address) does not say that it is \(issuer.issuer)")
        }
        guard let text = document["jwks_uri"]?.string, let url = BaseURL(text), IssuerAddress.isSafe(url),
            AddressRules.refusal(of: url, ownPorts: self.ownPorts) == nil
        else { throw .noKeys(issuer.name, "\(address) names no address of keys that may be asked") }
        return text
    }

    private func fetch(_ url: String, _ issuer: IssuerContent) async throws(SignInFault) -> [UInt8] {
        do {
            return try await self.fetcher.fetch(url)
        } catch {
            throw .noKeys(issuer.name, "\(url): \(error)")
        }
    }
}
