import Domain
import HTTPTypes
import Hummingbird

/// Signing in at an issuer: the two requests of a browser that leaves for it and comes back.
extension ConsoleExchange {
    /// A link and no form: browsers hold a form's redirects to `form-action` too, and the issuer is elsewhere. Another
    /// site that sends somebody here begins nothing; they get the page with the link.
    func beginAtIssuer() async -> Response {
        await self.answering {
            let query = FormFields(self.request.uri.query ?? "")
            guard self.isFromHere else {
                return ConsoleResponse.redirect(to: Link.to(Link.to("sign-in"), query: ["next": query["next"]]))
            }
            do {
                let start = try await self.console.codeFlow.begin(
                    at: query["issuer"] ?? "",
                    next: Link.within(query["next"]),
                    from: self.remoteAddress,
                    random: self.console.api.settings.random,
                    at: self.now
                )
                var response = ConsoleResponse.redirect(to: start.location)
                response.set(.signIn(start.cookie, isSecure: self.isSecureAtIssuers))
                return response
            } catch let fault as SignInFault {
                return try await self.refused(fault, saying: SignInView.sentence(of: fault), next: query["next"])
            }
        }
    }

    func finishAtIssuer() async -> Response {
        await self.answering {
            let answer = AuthorizationAnswer(
                FormFields(self.request.uri.query ?? ""),
                callbackIssuer: self.context.parameters.get("issuer") ?? ""
            )
            let cookie = self.cookie(.signIn, isSecure: self.isSecureAtIssuers) ?? ""
            let flow = self.console.codeFlow.take(answer, cookie: cookie, at: self.now)
            var response = try await self.response(to: answer, of: flow)
            response.set(.signIn("", isSecure: self.isSecureAtIssuers))
            return response
        }
    }

    private func response(to answer: AuthorizationAnswer, of flow: PendingFlow?) async throws -> Response {
        do {
            guard let flow else { throw SignInFault.notBegun }
            // Whether an answer is good only the issuer can say, and whoever fails again and again does not make us ask.
            if let wait = self.console.signedIn.wait(self.remoteAddress, at: self.now) {
                return try await self.tooOften(wait, next: flow.next)
            }
            let identity = try await self.console.codeFlow.finish(flow, answer, at: self.now)
            let credential = try await self.credential(of: identity)
            return self.open(credential, next: flow.next, isSecure: self.isSecureAtIssuers)
        } catch let fault as SignInFault {
            return try await self.refused(fault, saying: SignInView.sentence(of: fault), next: flow?.next)
        }
    }

    /// Browsers say nothing where the connection cannot be trusted, and `none` for an address that somebody typed.
    private var isFromHere: Bool {
        guard let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ self.request.headers[$0] }) else { return true }
        return site == "same-origin" || site == "none"
    }

    /// These two requests come to the address that issuers send people back to.
    private var isSecureAtIssuers: Bool { self.isSecure || self.console.codeFlow.address?.isTLS == true }
}
