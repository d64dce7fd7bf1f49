import Domain
import HTTPTypes
import Hummingbird
import Logging
import Storage

/// Signing in with a token, and out.
extension ConsoleExchange {
    func showSignIn() async -> Response {
        await self.answering {
            let next = FormFields(self.request.uri.query ?? "")["next"]
            if try await self.entrance() != nil { return ConsoleResponse.redirect(to: Link.within(next)) }
            return try await self.signInPage(200, next: next)
        }
    }

    func signIn() async -> Response {
        await self.answering {
            try self.requireOwnPage()
            let fields = try await self.fields()
            do {
                let credential = try await self.credential(of: fields["token"] ?? "")
                return self.open(credential, next: fields["next"], isSecure: self.isSecure)
            } catch let fault as SignInFault {
                return try await self.refused(fault, saying: SignInView.sentence(ofToken: fault), next: fields["next"])
            }
        }
    }

    func signOut() async -> Response {
        await self.answering {
            guard let entrance = try await self.entrance() else {
                return ConsoleResponse.redirect(to: Link.to("sign-in"))
            }
            _ = try await self.fields(of: entrance.session)
            self.console.signedIn.close(entrance.cookie)
            var response = ConsoleResponse.redirect(to: Link.to("sign-in"))
            response.set(.session("", isSecure: self.isSecure))
            return response
        }
    }

    /// A principal's token, or one of an issuer's that is good for the admin API.
    private func credential(of text: String) async throws -> Credential {
        // Ours have no dots; a JSON web token has two.
        guard !text.contains(".") else {
            return try await self.credential(
                of: try await self.console.codeFlow.issuers.identity(with: text, at: self.now)
            )
        }
        guard let credential = TokenText.principalDigest(of: text).map(Credential.init(token:)),
            try await self.caller(with: credential) != nil
        else { throw SignInFault.badToken("it is no principal's") }
        return credential
    }

    // MARK: - What both ways in share

    /// Only of somebody whom a rule fits.
    func credential(of identity: Identity) async throws -> Credential {
        Credential(identity, of: try await self.console.codeFlow.issuers.caller(of: identity, at: self.now))
    }

    /// Begins the session; the one that this browser had ends.
    func open(_ credential: Credential, next: String?, isSecure: Bool) -> Response {
        if let old = self.cookie { self.console.signedIn.close(old) }
        let cookie = self.console.signedIn.open(credential, at: self.now)
        var response = ConsoleResponse.redirect(to: Link.within(next))
        response.set(.session(cookie, isSecure: isSecure))
        return response
    }

    func refused(_ fault: SignInFault, saying sentence: String, next: String?) async throws -> Response {
        let address = self.remoteAddress
        if fault.countsAsFailure, let wait = self.paced(from: address) {
            return try await self.tooOften(wait, next: next)
        }
        self.context.logger.warning(
            "console sign-in failed",
            metadata: ["remote.address": "\(address)", "reason": "\(fault)"]
        )
        var response = try await self.signInPage(fault.countsAsFailure ? 403 : 503, next: next, error: sentence)
        response.headers[.retryAfter] = fault.problem.headers["Retry-After"]
        return response
    }

    func tooOften(_ waitSeconds: Int64, next: String?) async throws -> Response {
        var response = try await self.signInPage(429, next: next, error: SignInView.tooOften)
        response.headers[.retryAfter] = String(waitSeconds)
        return response
    }

    var remoteAddress: String { self.context.remoteAddress ?? "" }

    /// Counts a failure from this address: the seconds to wait where there were too many, and nil where there were not.
    ///
    /// A good token is never kept waiting: behind a proxy everybody has one address, and anybody could lock all others
    /// out. A silent issuer does not count against the address.
    private func paced(from address: String) -> Int64? {
        if let wait = self.console.signedIn.wait(address, at: self.now) { return wait }
        self.console.signedIn.failed(address, at: self.now)
        return nil
    }

    func signInPage(_ status: Int, next: String?, error: String? = nil) async throws -> Response {
        let view = SignInView(
            status: status,
            next: next,
            error: error,
            issuers: try await self.console.codeFlow.offered().map(\.name.text),
            address: self.console.codeFlow.address,
            assets: self.console.assets
        )
        return ConsoleResponse.page(status, view.html(self.console.templates))
    }

    /// Also where something before us does TLS, which it says in this header, or which is shown by a session's cookie
    /// that browsers take and bring over TLS alone. Whoever lies there only hurts themselves.
    var isSecure: Bool {
        let forwarded = HTTPField.Name("X-Forwarded-Proto").flatMap { self.request.headers[$0] }
        return self.console.hasTLS || forwarded == "https" || self.cookie(.session, isSecure: true) != nil
    }
}
