package import Domain
package import Hummingbird
package import Storage

/// The admin REST API: `/v1` for platform teams and their scripts, described by `/openapi.json`.
///
/// A request is read and authenticated here; what it may do, and what it does, stands in its `Endpoint`.
package struct AdminAPI: Sendable {
    package let database: Database
    package let services: Services
    package let settings: Settings

    /// The other rooms.
    package struct Services: Sendable {
        package let listener: any ChangeListener
        package let snapshots: any SnapshotKeeper
        package let nodes: any NodeKeeper
        package let usage: any UsageReporter
        package let secrets: any SecretKeeper
        package let identities: any IdentityVerifier

        package init(
            listener: any ChangeListener,
            snapshots: any SnapshotKeeper,
            nodes: any NodeKeeper,
            usage: any UsageReporter,
            secrets: any SecretKeeper,
            identities: any IdentityVerifier
        ) {
            self.listener = listener
            self.snapshots = snapshots
            self.nodes = nodes
            self.usage = usage
            self.secrets = secrets
            self.identities = identities
        }
    }

    package struct Settings: Sendable {
        package let environment: ID<Domain.Environment>
        /// Principals other than the proposer who must approve; 0 approves at once.
        package let approvalsRequired: Int
        /// Ports of the control plane, which no provider may name.
        package let ownPorts: Set<Int>
        package let clock: @Sendable () -> Timestamp
        /// So many random bytes, fit for keys.
        package let random: @Sendable (Int) -> [UInt8]

        package init(
            environment: ID<Domain.Environment>,
            approvalsRequired: Int,
            ownPorts: Set<Int>,
            clock: @escaping @Sendable () -> Timestamp,
            random: @escaping @Sendable (Int) -> [UInt8]
        ) {
            self.environment = environment
            self.approvalsRequired = approvalsRequired
            self.ownPorts = ownPorts
            self.clock = clock
            self.random = random
        }
    }

    package init(database: Database, services: Services, settings: Settings) {
        self.database = database
        self.services = services
        self.settings = settings
    }

    /// Every endpoint beneath `/v1`, in the order of the OpenAPI document.
    package var endpoints: [Endpoint] {
        self.catalogEndpoints + self.budgetEndpoints + self.keyEndpoints + self.secretEndpoints + self.modelEndpoints
            + self.evidenceEndpoints
            + self.promptEndpoints + self.principalEndpoints + self.tokenEndpoints + self.proposalEndpoints
            + self.applyEndpoints + self.auditEndpoints + self.snapshotEndpoints + self.nodeEndpoints
            + self.usageEndpoints
    }

    /// Adds the API to a router that may hold other things, such as the operations endpoints.
    package func add(to router: Router<AdminContext>) {
        let document = OpenAPIDocument(self.endpoints).text
        router.get("openapi.json") { _, _ in AdminResponse.json(200, document) }
        for endpoint in self.endpoints {
            let path = endpoint.path.replacing("{", with: ":").replacing("}", with: "")
            router.on(RouterPath("v1\(path)"), method: .init(rawValue: endpoint.method.rawValue) ?? .get) {
                request,
                context in
                await AdminExchange(api: self, endpoint: endpoint).respond(to: request, context)
            }
        }
    }

    /// The API alone, with problem documents for paths and methods that it does not have.
    package func router() -> Router<AdminContext> {
        let router = Router(context: AdminContext.self)
        router.add(middleware: ProblemMiddleware(self.endpoints))
        self.add(to: router)
        return router
    }
}

/// A request's place in the log: its id is on the reply, in the audit entry and in the log.
package struct AdminContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Without its port; nil where there is no socket.
    let remoteAddress: String?

    package init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.remoteAddress = source.channel.remoteAddress?.ipAddress
    }
}
