import ArgumentParser
import ControlPlane
import Logging
import Platform
import ServiceLifecycle
import Storage

/// Runs the control plane: configuration, values, services, one group.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the control plane: admin REST API and operations on one address, nodes on another."
    )
    static let ownOptions: Set<String> = [
        "listen", "node-listen", "tls-certificate", "tls-key", "insecure-plaintext", "drain-delay", "drain-timeout",
        "console-assets", "console-url", "orphan-time", "alert-webhook", "alert-secret-file",
    ]

    @OptionGroup var place: Place

    @Option(help: "Admin REST API, /console, /healthz, /readyz and /metrics. Default: 127.0.0.1:8400")
    var listen: String?

    @Option(help: "What nodes call. Default: 127.0.0.1:8401")
    var nodeListen: String?

    @Option(help: "PEM file of the certificate chain, for both addresses; read again on SIGHUP.")
    var tlsCertificate: String?

    @Option(help: "PEM file of its key.")
    var tlsKey: String?

    @Flag(help: "Listen beyond this machine without TLS, because something before it does TLS.")
    var insecurePlaintext = false

    @Option(help: "Where the console finds bootstrap.min.css and chart.min.js. Default: where Debian puts them")
    var consoleAssets: String?

    @Option(
        help: "https://host[:port] of the console, to which issuers send people back. Default: --listen, if on loopback"
    )
    var consoleUrl: String?

    @Option(help: "A node that was not heard for so long has spent what it was lent of hard budgets. Default: 30m")
    var orphanTime: String?

    @Option(help: "Where budgets that come to a threshold are told: a URL that takes POST. Default: only the log")
    var alertWebhook: String?

    @Option(help: "The file of the secret that signs what is sent there; at least 16 bytes.")
    var alertSecretFile: String?

    @Option(help: "How long listeners go on after SIGTERM. Default: 5s")
    var drainDelay: String?

    @Option(help: "How long what is in flight may take after that. Default: 120s")
    var drainTimeout: String?

    func run() async throws {
        try await self.orExit {
            let options = try self.options()
            let logger = try LogOptions(options).bootstrap("martlet-control")
            let admin = try options.address("listen", default: NetworkAddress(host: "127.0.0.1", port: 8400))
            let nodes = try options.address("node-listen", default: NetworkAddress(host: "127.0.0.1", port: 8401))
            let certificate = try ServerCertificate.from(options)
            for (option, address) in [("listen", admin), ("node-listen", nodes)] {
                try address.checkPlaintext(
                    option: option,
                    hasTLS: certificate != nil,
                    insecurePlaintext: try options.isOn("insecure-plaintext")
                )
            }
            let console = try Self.consoleAddress(options, admin, hasTLS: certificate != nil)
            let database = try DatabaseFile.open(options)
            let files = KeyFiles(directory: try options.string("keys", default: Place.keysDefault))
            let (readiness, metrics) = (Readiness(), MetricRegistry())
            ProcessMetrics.declare(in: metrics)
            let outgoing = OutgoingClient()
            let services = try ControlPlaneServices(
                try await OpenedInstallation.open(database, files: files),
                database: database,
                settings: ControlPlaneServices.Settings(
                    ownPorts: [admin.port, nodes.port],
                    certificate: certificate,
                    consoleAssets: try options.string("console-assets"),
                    lending: try Self.lending(options),
                    fetcher: outgoing,
                    consoleAddress: console,
                    webhook: try Self.webhook(options, ownPorts: [admin.port, nodes.port], outgoing)
                ),
                metrics: metrics,
                logger: logger
            )
            try await services.publisher.begin()
            let board = services.board
            try await Daemon(readiness, try DrainOptions(options), logger: logger).run([
                CertificateReloader([certificate].compactMap(\.self), logger: logger),
                outgoing,
                board,
                services.publisher,
                services.retention,
                services.lending,
                services.alerts,
                services.census,
                services.issuerKeys,
                Listener(
                    "nodes",
                    at: nodes,
                    certificate: certificate,
                    router: services.nodeRouter(readiness),
                    logger: logger,
                    onShutdown: { board.close() }
                ),
                Listener(
                    "admin",
                    at: admin,
                    certificate: certificate,
                    router: services.adminRouter(readiness),
                    logger: logger
                ),
            ])
            try database.close()
        }
    }

    private static func lending(_ options: Options) throws -> Lending.Settings {
        Lending.Settings(orphan: try options.duration("orphan-time", default: Lending.Settings.orphanDefault))
    }

    private static func webhook(
        _ options: Options,
        ownPorts: Set<Int>,
        _ sender: OutgoingClient
    ) throws -> Webhook? {
        let (url, file) = (try options.string("alert-webhook"), try options.string("alert-secret-file"))
        guard let url, let file else {
            guard url == nil, file == nil else {
                throw StartupFault(.usage, "--alert-webhook and --alert-secret-file go together")
            }
            return nil
        }
        var secret = try DurableFile.read(file, bytesMax: 4_096, audience: .owner)
        while let last = secret.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { secret.removeLast() }
        return try Webhook(url, secret: secret, ownPorts: ownPorts, sender: sender)
    }

    private static func consoleAddress(
        _ options: Options,
        _ admin: NetworkAddress,
        hasTLS: Bool
    ) throws -> ConsoleAddress? {
        guard let text = try options.string("console-url") else {
            return ConsoleAddress(listeningOn: "\(admin)", hasTLS: hasTLS)
        }
        guard let address = ConsoleAddress(text) else {
            let wanted = "https://host[:port] without a path, or http:// on this machine"
            throw StartupFault(.usage, "--console-url must be \(wanted)")
        }
        return address
    }

    private func options() throws -> Options {
        var flags = self.place.flags
        flags["listen"] = .some(self.listen)
        flags["node-listen"] = .some(self.nodeListen)
        flags["tls-certificate"] = .some(self.tlsCertificate)
        flags["tls-key"] = .some(self.tlsKey)
        flags["insecure-plaintext"] = .some(Options.on(self.insecurePlaintext))
        flags["console-assets"] = .some(self.consoleAssets)
        flags["console-url"] = .some(self.consoleUrl)
        flags["orphan-time"] = .some(self.orphanTime)
        flags["alert-webhook"] = .some(self.alertWebhook)
        flags["alert-secret-file"] = .some(self.alertSecretFile)
        flags["drain-delay"] = .some(self.drainDelay)
        flags["drain-timeout"] = .some(self.drainTimeout)
        return try Options(flags: flags, elsewhere: Place.elsewhere, defaultFile: Place.fileDefault)
    }
}
