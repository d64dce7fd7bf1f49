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
        await self.answering {
            guard let entrance = try await self.entrance() else { return self.toSignIn() }
            do {
                return try await self.answer(route, entrance)
            } catch let problem as Problem {
                return try await self.show(self.page(of: problem, in: nil), entrance)
            }
        }
    }

    func answering(_ answer: () async throws -> Response) async -> Response {
        do {
            return try await answer()
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

    func ours(_ error: any Error) -> Problem {
        self.context.logger.error(
            "console request failed",
            metadata: ["path": "\(self.request.uri.path)", "error": "\(error)"]
        )
        return .ours
    }

    // MARK: - Who it is

    /// A session whose credential is good now.
    struct Entrance {
        let cookie: String
        let session: Session
        let caller: Caller
    }

    var cookie: String? { self.cookie(.session, isSecure: self.isSecure) }

    /// Only under the name that this connection is given: one of the other name may be planted.
    func cookie(_ use: ConsoleCookie.Use, isSecure: Bool) -> String? {
        self.request.cookies[ConsoleCookie.name(use, isSecure: isSecure)]?.value
    }

    /// Nil for whoever must sign in. A token that was revoked, a principal, an issuer or a rule that is gone ends the
    /// session at once.
    func entrance() async throws -> Entrance? {
        let now = self.now
        guard let cookie = self.cookie, let session = self.console.signedIn.use(cookie, at: now) else { return nil }
        guard let caller = try await self.caller(with: session.credential) else {
            self.console.signedIn.close(cookie)
            return nil
        }
        return Entrance(cookie: cookie, session: session, caller: caller)
    }

    /// Nil for whoever would not be let in now.
    func caller(with credential: Credential) async throws -> Caller? {
        let now = self.now
        switch credential.kind {
        case .token(let digest):
            return try await self.console.api.database.read { reading in try reading.caller(digest, at: now) }
        case .identity(let identity):
            do {
                return try await self.console.codeFlow.issuers.caller(of: identity, at: now)
            } catch is SignInFault {
                return nil
            }
        }
    }

    /// Where to go on after signing in; a form that was sent too late is not sent again.
    private func toSignIn() -> Response {
        let uri = self.request.uri
        let wanted = uri.query.map { "\(uri.path)?\($0)" } ?? uri.path
        let next = self.request.method == .get && wanted != Link.root ? wanted : nil
        return ConsoleResponse.redirect(to: Link.to(Link.to("sign-in"), query: ["next": next]))
    }
}
