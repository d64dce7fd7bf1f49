import Domain
package import Logging
import Platform
package import Storage
import Synchronization
import Wire

/// Signing in to the console at an issuer: OpenID Connect's authorization code flow with PKCE.
///
/// A browser is sent to the issuer with `state`, `nonce` and the challenge of a verifier, comes back with a code, and
/// the code is exchanged here for an ID token, which is verified as every token of an issuer's is.
package final class CodeFlow: Sendable {
    let issuers: Issuers
    private let database: Database
    private let settings: Settings
    private let discovery: IssuerDiscovery
    private let documents: IssuerAnswers<IssuerDocument>
    private let pending = Mutex(PendingFlows())
    private let underWay = Mutex(TokenRequestsUnderWay())

    private static let secretBytes = 32

    package init(database: Database, issuers: Issuers, settings: Settings, logger: Logger) {
        self.database = database
        self.issuers = issuers
        self.settings = settings
        self.discovery = IssuerDiscovery(settings.fetcher, ownPorts: settings.ownPorts)
        self.documents = IssuerAnswers(of: "discovery document", logger: logger)
    }

    var address: ConsoleAddress? { self.settings.address }

    /// Issuers at which people sign in to the console, by name.
    func offered() async throws -> [IssuerContent] {
        try await self.issuers.trusted().filter { $0.console != nil }.sorted { $0.name < $1.name }
    }

    private func document(of issuer: IssuerContent, at now: Timestamp) async throws(SignInFault) -> IssuerDocument {
        let discovery = self.discovery
        return try await self.documents.answer(
            of: issuer,
            at: now,
            ask: { () async throws(SignInFault) in try await discovery.document(of: issuer) }
        )
    }

    // MARK: - Going there

    /// Where the browser goes, and what it keeps meanwhile.
    struct SignInStart {
        let location: String
        let cookie: String
    }

    func begin(
        at name: String,
        next: String,
        from address: String,
        random: (Int) -> [UInt8],
        at now: Timestamp
    ) async throws -> SignInStart {
        guard let issuer = try await self.offered().first(where: { $0.name.text == name }), let client = issuer.console
        else { throw Problem.notFound("issuer \(name) to sign in at") }
        guard let console = self.settings.address else { throw Problem.noConsoleAddress }
        let endpoint = try await self.document(of: issuer, at: now).address("authorization_endpoint")
        let (state, cookie) = (Hex.encode(random(Self.secretBytes)), Hex.encode(random(Self.secretBytes)))
        let request = AuthorizationRequest(
            client: client,
            callback: console.callback(of: issuer.name),
            state: state,
            nonce: Hex.encode(random(Self.secretBytes)),
            verifier: Base64.encodeURL(random(Self.secretBytes))
        )
        let flow = PendingFlow(
            issuer: issuer.name,
            identifier: issuer.identifier,
            clientID: client.clientID,
            browser: .sha256(Array(cookie.utf8)),
            nonce: request.nonce,
            verifier: request.verifier,
            next: next,
            begun: now
        )
        self.pending.withLock { $0.add(flow, state: .sha256(Array(state.utf8)), from: address) }
        return SignInStart(location: request.url(at: endpoint), cookie: cookie)
    }

    // MARK: - Coming back

    /// The sign-in that this answer belongs to, once.
    func take(_ answer: AuthorizationAnswer, cookie: String, at now: Timestamp) -> PendingFlow? {
        let (state, browser) = (Digest.sha256(Array(answer.state.utf8)), Digest.sha256(Array(cookie.utf8)))
        return self.pending.withLock { $0.take(state, browser: browser, at: now) }
    }

    /// Whom the issuer names; what they may do is another question.
    func finish(_ flow: PendingFlow, _ answer: AuthorizationAnswer, at now: Timestamp) async throws -> Identity {
        guard answer.callbackIssuer == flow.issuer.text else { throw SignInFault.foreignAnswer }
        guard let issuer = try await self.offered().first(where: { $0.name == flow.issuer }),
            issuer.identifier.hasSameBytes(as: flow.identifier), let client = issuer.console,
            client.clientID == flow.clientID,
            let address = self.settings.address
        else { throw SignInFault.changed }
        let document = try await self.document(of: issuer, at: now)
        let code = try answer.code(from: issuer.identifier, document)
        let endpoint = try document.address("token_endpoint")
        let request = TokenRequest(
            clientID: client.clientID,
            secret: try await self.secret(of: client, for: endpoint),
            code: code,
            callback: address.callback(of: issuer.name),
            verifier: flow.verifier
        )
        let reply = try await self.post(request.request(to: endpoint), at: issuer.name)
        let token = try JSONWebToken(try TokenRequest.idToken(in: reply))
        guard token.claims.issuer.hasSameBytes(as: issuer.identifier) else {
            throw SignInFault.badToken("it is another issuer's (iss)")
        }
        try SignInFault.wrapping { () throws(TokenFlaw) in
            try token.claims.checkIDToken(for: client.clientID, nonce: flow.nonce)
        }
        try await self.issuers.verify(token, of: issuer, at: now)
        return Identity(claims: token.claims, source: .console(clientID: client.clientID))
    }

    private func post(
        _ request: OutgoingRequest,
        at issuer: Name<Issuer>
    ) async throws(SignInFault) -> OutgoingResponse {
        guard self.underWay.withLock({ $0.begin(at: issuer) }) else {
            throw .silent("\(request.url): too many wait for it")
        }
        defer { self.underWay.withLock { $0.end(at: issuer) } }
        do {
            return try await self.settings.fetcher.post(request)
        } catch {
            throw .silent("\(request.url): \(error)")
        }
    }

    /// Nil for a public client. A secret goes only to hosts that it names, whatever the issuer's document says.
    private func secret(of client: ConsoleClient, for endpoint: IssuerDocument.Address) async throws -> [UInt8]? {
        guard let name = client.secret else { return nil }
        let (value, hosts) = try await self.database.read { reading in
            let inForce = try reading.item(.secrets, name.text)?.inForce
            return (try reading.secretValue(name), try inForce.map { try SecretContent.read($0).hosts } ?? [])
        }
        guard let value else { throw SignInFault.misconfigured("the secret \(name) has no value") }
        guard hosts.contains(endpoint.base.host) else {
            throw SignInFault.misconfigured("the secret \(name) may not be sent to \(endpoint.base.host)")
        }
        return try self.settings.secrets.open(value)
    }
}

extension Problem {
    static let noConsoleAddress = Problem(
        503,
        "no-console-address",
        "The console does not know its own address",
        "start martlet-control with --console-url, so that the issuer can send people back here"
    )
}
