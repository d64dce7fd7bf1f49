import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// A daemon's operations endpoints at an address of their own. Started first and stopped last, so that a drain can be
/// watched to its end.
package struct OperationsServer: Service {
    private let address: NetworkAddress
    private let readiness: Readiness
    private let metrics: MetricRegistry
    private let logger: Logger
    private let onListening: @Sendable (NetworkAddress) async -> Void

    /// `onListening` hears the address with the port that was really taken.
    package init(
        at address: NetworkAddress,
        _ readiness: Readiness,
        _ metrics: MetricRegistry,
        logger: Logger,
        onListening: @escaping @Sendable (NetworkAddress) async -> Void = { _ in }
    ) {
        self.address = address
        self.readiness = readiness
        self.metrics = metrics
        self.logger = logger
        self.onListening = onListening
    }

    /// Throws a `StartupFault` where the address cannot be had.
    package func run() async throws {
        let router = Router(options: .autoGenerateHeadEndpoints)
        OperationsRoutes(self.readiness, self.metrics).add(to: router)
        let (address, logger, onListening) = (self.address, self.logger, self.onListening)
        let application = Application(
            router: router,
            configuration: .init(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in
                let real = NetworkAddress(host: address.host, port: channel.localAddress?.port ?? address.port)
                logger.info("operations listening", metadata: ["address": "\(real)"])
                await onListening(real)
            },
            logger: Self.quiet(logger)
        )
        do {
            try await application.run()
        } catch let error as IOError {
            throw StartupFault(.unavailable, "cannot listen on \(address) for operations: \(error)")
        }
    }

    /// The library logs its own start at info; ours says it with the real port.
    private static func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }
}
