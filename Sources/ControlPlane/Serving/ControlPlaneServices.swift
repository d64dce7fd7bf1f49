import Domain
package import Hummingbird
package import Logging
package import Platform
package import Storage
import Wire

/// The rooms of a running control plane, wired to each other; what `serve` runs and what tests drive.
package struct ControlPlaneServices: Sendable {
    package let board: HeadBoard
    package let publisher: Publisher
    package let fleet: Fleet
    package let metering: Metering
    package let lending: Lending
    package let alerts: Alerts
    package let retention: Retention
    package let census: Census
    package let issuerKeys: IssuerKeyKeeper
    package let metrics: MetricRegistry
    private let requests: @Sendable (String) -> ControlMetrics.Requests
    package let adminAPI: AdminAPI
    package let console: Console
    package let nodeAPI: NodeAPI

    /// What is given from outside.
    package struct Settings: Sendable {
        /// Ports of the control plane, which no provider may name.
        package var ownPorts: Set<Int>
        package var certificate: ServerCertificate?
        /// Where the console looks for Bootstrap and Chart.js; nil: where Debian puts them.
        package var consoleAssets: String?
        package var timing: Timing
        package var lending: Lending.Settings
        /// Asks issuers.
        package var fetcher: any IssuerFetcher
        /// Where issuers send people back to; nil: nobody signs in at one.
        package var consoleAddress: ConsoleAddress?
        /// Where thresholds of budgets are told; nil: only in the log.
        package var webhook: Webhook?

        package init(
            ownPorts: Set<Int>,
            certificate: ServerCertificate? = nil,
            consoleAssets: String? = nil,
            timing: Timing = .system,
            lending: Lending.Settings = Lending.Settings(),
            fetcher: any IssuerFetcher,
            consoleAddress: ConsoleAddress? = nil,
            webhook: Webhook? = nil
        ) {
            self.ownPorts = ownPorts
            self.certificate = certificate
            self.consoleAssets = consoleAssets
            self.timing = timing
            self.lending = lending
            self.fetcher = fetcher
            self.consoleAddress = consoleAddress
            self.webhook = webhook
        }

        fileprivate func adminAPI(of opened: OpenedInstallation) -> AdminAPI.Settings {
            AdminAPI.Settings(
                environment: opened.environment,
                approvalsRequired: opened.installation.approvalsRequired,
                ownPorts: self.ownPorts,
                clock: self.timing.now,
                random: { RandomBytes.draw($0) }
            )
        }

        /// What a node is given to know us by.
        fileprivate func anchor(of opened: OpenedInstallation) throws -> Fleet.Anchor {
            Fleet.Anchor(
                rootDigest: opened.trust.pin,
                serverKeyPin: try self.certificate.map { .sha256(of: try $0.publicKeyBytes()) }
            )
        }

        fileprivate func console(
            _ api: AdminAPI,
            _ issuers: Issuers,
            _ secrets: SecretVault,
            logger: Logger
        ) throws -> Console {
            let flow = CodeFlow(
                database: api.database,
                issuers: issuers,
                settings: CodeFlow.Settings(
                    fetcher: self.fetcher,
                    ownPorts: self.ownPorts,
                    secrets: secrets,
                    address: self.consoleAddress
                ),
                logger: logger
            )
            return try Console(
                api,
                codeFlow: flow,
                assetFolder: self.consoleAssets,
                hasTLS: self.certificate != nil,
                logger: logger
            )
        }
    }

    package init(
        _ opened: OpenedInstallation,
        database: Database,
        settings: Settings,
        metrics: MetricRegistry = MetricRegistry(),
        logger: Logger
    ) throws {
        let timing = settings.timing
        let (environment, secrets) = (opened.environment, SecretVault(opened.vault))
        self.board = HeadBoard(timing: timing)
        self.publisher = opened.publisher(database, self.board, timing, logger: logger)
        self.fleet = Fleet(
            database: database,
            environment: environment,
            anchor: try settings.anchor(of: opened),
            changes: self.publisher,
            timing: timing,
            logger: logger
        )
        let (budgets, limits) = (BudgetBook(), LimitBook())
        self.metering = Metering(database: database, budgets: budgets, timing: timing, logger: logger)
        self.lending = Lending(
            database: database,
            budgets: budgets,
            settings: settings.lending,
            timing: timing,
            logger: logger
        )
        self.alerts = Alerts(database: database, webhook: settings.webhook, timing: timing, logger: logger)
        self.retention = Retention(database: database, timing: timing, logger: logger)
        self.census = Census(database: database, timing: timing, logger: logger)
        let keys = IssuerKeys(settings.fetcher, ownPorts: settings.ownPorts, logger: logger)
        self.issuerKeys = Self.keeper(of: keys, database, self.publisher, timing, logger)
        self.metrics = metrics
        self.requests = ControlMetrics.Requests.declare(in: metrics)
        let issuers = Issuers(database: database, keys: keys)
        self.adminAPI = AdminAPI(
            database: database,
            services: AdminAPI.Services(
                listener: ChangeListeners([self.publisher, self.issuerKeys, budgets, limits]),
                snapshots: self.publisher,
                nodes: self.fleet,
                usage: UsageReports(database: database),
                secrets: secrets,
                identities: issuers
            ),
            settings: settings.adminAPI(of: opened)
        )
        self.console = try settings.console(self.adminAPI, issuers, secrets, logger: logger)
        let delivery = SecretDelivery(database: database, environment: environment, vault: secrets, logger: logger)
        self.nodeAPI = NodeAPI(
            fleet: self.fleet,
            board: self.board,
            metering: self.metering,
            lending: self.lending,
            rates: RateShares(database: database, limits: limits, timing: timing),
            secrets: delivery,
            logger: logger
        )
        ControlMetrics.declare(self, in: metrics)
    }

    private static func keeper(
        of keys: IssuerKeys,
        _ database: Database,
        _ publisher: Publisher,
        _ timing: Timing,
        _ logger: Logger
    ) -> IssuerKeyKeeper {
        IssuerKeyKeeper(database: database, keys: keys, changes: publisher, timing: timing, logger: logger)
    }

    /// The admin API and, beside it, the console and the operations endpoints.
    package func adminRouter(_ readiness: Readiness) -> Router<AdminContext> {
        // A middleware sees only what is added after it.
        let router = Router(context: AdminContext.self)
        router.add(middleware: RequestMiddleware(self.requests("admin")))
        router.add(middleware: DrainMiddleware(readiness))
        router.add(middleware: ProblemMiddleware(self.adminAPI.endpoints))
        self.adminAPI.add(to: router)
        self.console.add(to: router)
        OperationsRoutes(readiness, self.metrics).add(to: router)
        return router
    }

    package func nodeRouter(_ readiness: Readiness) -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: RequestMiddleware(self.requests("nodes")))
        router.add(middleware: DrainMiddleware(readiness))
        self.nodeAPI.add(to: router)
        return router
    }
}

extension OpenedInstallation {
    fileprivate func publisher(
        _ database: Database,
        _ board: HeadBoard,
        _ timing: Timing,
        logger: Logger
    ) -> Publisher {
        Publisher(
            environment: self.environment,
            database: database,
            trust: self.trust,
            keys: self.keys,
            board: board,
            timing: timing,
            logger: logger
        )
    }
}

/// Random bytes that are fit for keys, by the system's generator.
package enum RandomBytes {
    package static func draw(_ count: Int) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}
