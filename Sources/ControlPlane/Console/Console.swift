import Domain
import HTTPTypes
package import Hummingbird
package import Logging

/// The console on `/console` of the admin listener: pages for people, rendered here, that do everything through the admin
/// API of this process.
package struct Console: Sendable {
    let door: InnerDoor
    let api: AdminAPI
    let signedIn: SignedIn
    let codeFlow: CodeFlow
    let assets: ConsoleAssets
    let templates: Templates
    /// Whether this process itself speaks TLS.
    let hasTLS: Bool

    package init(
        _ api: AdminAPI,
        codeFlow: CodeFlow,
        assetFolder: String? = nil,
        hasTLS: Bool,
        logger: Logger
    ) throws {
        self.api = api
        self.codeFlow = codeFlow
        self.door = InnerDoor(api)
        self.signedIn = SignedIn(random: api.settings.random)
        self.assets = ConsoleAssets(folder: assetFolder, logger: logger)
        self.templates = try Templates()
        self.hasTLS = hasTLS
    }

    static var routes: [ConsoleRoute] {
        [.show("", OverviewPage.show)] + UsagePage.routes + BudgetPages.routes + PromptPages.routes
            + ProposalPages.routes
            + ModelPages.routes + KeyPages.routes + NodePages.routes + [.show("audit", AuditPage.show)]
    }

    package func add(to router: Router<AdminContext>) {
        let root = RouterPath("console")
        router.get("console/assets/:name") { request, context in self.asset(request, context) }
        router.get("console/sign-in") { request, context in
            await ConsoleExchange(console: self, request: request, context: context).showSignIn()
        }
        router.post("console/sign-in") { request, context in
            await ConsoleExchange(console: self, request: request, context: context).signIn()
        }
        router.get("console/sign-in/begin") { request, context in
            await ConsoleExchange(console: self, request: request, context: context).beginAtIssuer()
        }
        router.get("console/sign-in/oidc/:issuer") { request, context in
            await ConsoleExchange(console: self, request: request, context: context).finishAtIssuer()
        }
        router.post("console/sign-out") { request, context in
            await ConsoleExchange(console: self, request: request, context: context).signOut()
        }
        for route in Self.routes {
            let path = route.path.replacing("{", with: ":").replacing("}", with: "")
            let address = route.path.isEmpty ? root : RouterPath("console/\(path)")
            router.on(address, method: route.isForm ? .post : .get) { request, context in
                await ConsoleExchange(console: self, request: request, context: context).respond(by: route)
            }
        }
        let pages = Set(Self.routes.filter { !$0.isForm }.map(\.path))
        for path in Set(Self.routes.filter(\.isForm).map(\.path) + ["sign-out"]).subtracting(pages) {
            router.get(RouterPath("console/\(path.replacing("{", with: ":").replacing("}", with: ""))")) { request, _ in
                Self.pageOfForm(request)
            }
        }
        let missing = ConsoleRoute.show("**") { _ in throw Problem.notFound("such page") }
        router.get("console/**") { request, context in
            await ConsoleExchange(console: self, request: request, context: context).respond(by: missing)
        }
    }

    /// After a form was refused its address stands in the browser: whoever looks at it again is led to the form's page.
    private static func pageOfForm(_ request: Request) -> Response {
        let segments = request.uri.path.split(separator: "/")
        return ConsoleResponse.redirect(to: "/" + segments.dropLast().joined(separator: "/"))
    }

    private func asset(_ request: Request, _ context: AdminContext) -> Response {
        guard let asset = self.assets[context.parameters.get("name") ?? ""] else {
            return ConsoleResponse.plain(404, "there is no such file")
        }
        let version = FormFields(request.uri.query ?? "")["v"]
        return ConsoleResponse.asset(asset, version: version, ifNoneMatch: request.headers[.ifNoneMatch])
    }
}
