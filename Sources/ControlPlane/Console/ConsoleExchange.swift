import Domain
import HTTPTypes
import Hummingbird
import Logging
import Storage

/// One request on its way through the console: who is it, look or act. Whether a page of ours sent it, and what is
/// shown, stand in files of their own.
struct ConsoleExchange {
    let console: Console
    let request: Request
    let context: AdminContext

    /// Of a form: a reason has a thousand characters, a token sixty.
    static let bodyBytesMax = 1 << 16

    var id: String { "\(self.context.id)" }
    var now: Timestamp { self.console.api.settings.clock() }

    func respond(by route: ConsoleRoute) async -> Response {
        do {
            guard let entrance = try await self.entrance() else { return self.toSignIn() }
            do {
                return try await self.answer(route, entrance)
            } catch let problem as Problem {
                return try await self.show(self.page(of: problem, in: nil), entrance)
            }
        } catch let problem as Problem {
            return self.alone(problem)
        } catch {
            return self.alone(self.ours(error))
        }
    }

    private func answer(_ route: ConsoleRoute, _ entrance: Entrance) async throws -> Response {
        var visit = try self.visit(entrance)
        switch route.action {
        case .show(let page):
            return try await self.show(try await page(visit), entrance)
        case .download(let file):
            return ConsoleResponse.download(try await file(visit))
        case .perform(let perform, orShow: let page):
            visit = try self.visit(entrance, form: try await self.fields(of: entrance.session))
            do {
                let done = try await perform(visit)
                self.console.signedIn.leave(done.word, in: entrance.cookie)
                return ConsoleResponse.redirect(to: done.location)
            } catch let problem as Problem {
                visit.refusal = problem
                var shown = try await page(visit)
                shown.status = problem.status
                return try await self.show(shown, entrance)
            }
        }
    }

    private func ours(_ error: any Error) -> Problem {
        self.context.logger.error(
            "console request failed",
            metadata: ["path": "\(self.request.uri.path)", "error": "\(error)"]
        )
        return .ours
    }

    // MARK: - Who it is

    /// A session whose token is good now.
    struct Entrance {
        let cookie: String
        let session: Session
        let caller: Caller
    }

    private var cookie: String? { self.request.cookies[ConsoleResponse.cookieName]?.value }

    /// Nil for whoever must sign in. A token that was revoked, or whose principal is gone, ends its sessions at once.
    private func entrance() async throws -> Entrance? {
        let now = self.now
        guard let cookie = self.cookie, let session = self.console.signedIn.use(cookie, at: now) else { return nil }
        guard let caller = try await self.caller(session.credential, at: now) else {
            self.console.signedIn.close(cookie)
            return nil
        }
        return Entrance(cookie: cookie, session: session, caller: caller)
    }

    private func caller(_ credential: Digest, at now: Timestamp) async throws -> Caller? {
        try await self.console.api.database.read { reading in try reading.caller(credential, at: now) }
    }

    /// Where to go on after signing in; a form that was sent too late is not sent again.
    private func toSignIn() -> Response {
        let uri = self.request.uri
        let wanted = uri.query.map { "\(uri.path)?\($0)" } ?? uri.path
        let next = self.request.method == .get && wanted != Link.root ? wanted : nil
        return ConsoleResponse.redirect(to: Link.to(Link.to("sign-in"), query: ["next": next]))
    }

    // MARK: - Signing in and out

    func showSignIn() async -> Response {
        do {
            let next = FormFields(self.request.uri.query ?? "")["next"]
            if try await self.entrance() != nil { return ConsoleResponse.redirect(to: Self.safe(next)) }
            return self.signInPage(200, next: next)
        } catch {
            return self.alone(self.ours(error))
        }
    }

    func signIn() async -> Response {
        do {
            try self.requireOwnPage()
            let fields = try await self.fields()
            let address = self.context.remoteAddress ?? ""
            guard let credential = try await self.credential(fields["token"] ?? "") else {
                return self.refusedSignIn(from: address, next: fields["next"])
            }
            if let old = self.cookie { self.console.signedIn.close(old) }
            let cookie = self.console.signedIn.open(credential: credential, at: self.now)
            return ConsoleResponse.redirect(to: Self.safe(fields["next"]), cookie: cookie, isSecure: self.isSecure)
        } catch let problem as Problem {
            return self.alone(problem)
        } catch {
            return self.alone(self.ours(error))
        }
    }

    /// A good token is never kept waiting: behind a proxy everybody has one address, and anybody could lock all others out.
    private func refusedSignIn(from address: String, next: String?) -> Response {
        if let wait = self.console.signedIn.wait(address, at: self.now) {
            var response = self.signInPage(429, next: next, error: SignInView.tooOften)
            response.headers[.retryAfter] = String(wait)
            return response
        }
        self.console.signedIn.failed(address, at: self.now)
        self.context.logger.notice("console sign-in failed", metadata: ["remote.address": "\(address)"])
        return self.signInPage(403, next: next, error: SignInView.refused)
    }

    func signOut() async -> Response {
        do {
            guard let entrance = try await self.entrance() else {
                return ConsoleResponse.redirect(to: Link.to("sign-in"))
            }
            _ = try await self.fields(of: entrance.session)
            self.console.signedIn.close(entrance.cookie)
            return ConsoleResponse.redirect(to: Link.to("sign-in"), cookie: "", isSecure: self.isSecure)
        } catch let problem as Problem {
            return self.alone(problem)
        } catch {
            return self.alone(self.ours(error))
        }
    }

    /// The token's digest, if it is good; whatever is wrong with it, the answer is the same nil.
    private func credential(_ token: String) async throws -> Digest? {
        guard let digest = TokenText.principalDigest(of: token) else { return nil }
        return try await self.caller(digest, at: self.now) == nil ? nil : digest
    }

    /// Only an address of the console: whoever makes a link to the sign-in page does not choose where it leads.
    private static func safe(_ next: String?) -> String {
        guard let next, next == Link.root || next.hasPrefix("\(Link.root)/") || next.hasPrefix("\(Link.root)?"),
            next.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return Link.root }
        return next
    }

    /// Also where something before us does TLS, which it says in this header; whoever lies there only hurts themselves.
    private var isSecure: Bool {
        let forwarded = HTTPField.Name("X-Forwarded-Proto").flatMap { self.request.headers[$0] }
        return self.console.hasTLS || forwarded == "https"
    }

    private func signInPage(_ status: Int, next: String?, error: String? = nil) -> Response {
        let view = SignInView(next: next, error: error, assets: self.console.assets)
        return ConsoleResponse.page(status, view.html(self.console.templates))
    }
}
