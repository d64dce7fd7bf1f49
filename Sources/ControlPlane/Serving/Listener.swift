import HTTPTypes
package import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
package import Platform
import ServiceLifecycle

/// One address that the control plane listens at, plain or with TLS.
package struct Listener<Context: RequestContext>: Service
where Context: InitializableFromSource<ApplicationRequestContextSource> {
    /// Longer than any poll may be parked.
    private let idleSecondsMax: Int64 = 180

    private let name: String
    private let address: NetworkAddress
    private let certificate: ServerCertificate?
    private let responder: RouterResponder<Context>
    private let logger: Logger
    private let onShutdown: @Sendable () -> Void

    /// `onShutdown` ends what would keep requests waiting, so that the listener can finish them.
    package init(
        _ name: String,
        at address: NetworkAddress,
        certificate: ServerCertificate?,
        router: Router<Context>,
        logger: Logger,
        onShutdown: @escaping @Sendable () -> Void = {}
    ) {
        self.name = name
        self.address = address
        self.certificate = certificate
        self.responder = router.buildResponder()
        self.logger = logger
        self.onShutdown = onShutdown
    }

    /// Throws a `StartupFault` where the address cannot be had.
    package func run() async throws {
        let (name, address, logger) = (self.name, self.address, self.logger)
        let application = Application(
            responder: self.responder,
            server: try self.server(),
            configuration: .init(address: .hostname(address.host, port: address.port), serverName: nil, backlog: 4_096),
            onServerRunning: { channel in
                let real = NetworkAddress(host: address.host, port: channel.localAddress?.port ?? address.port)
                logger.info("\(name) listening", metadata: ["address": "\(real)"])
            },
            logger: self.quietLogger
        )
        do {
            try await withGracefulShutdownHandler {
                try await application.run()
            } onGracefulShutdown: {
                self.onShutdown()
            }
        } catch let error as IOError {
            throw StartupFault(.unavailable, "cannot listen on \(address) for \(name): \(error)")
        }
    }

    private func server() throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder.http1(configuration: .init(idleTimeout: .seconds(self.idleSecondsMax)))
        guard let certificate = self.certificate else { return plain }
        return try .tls(plain, tlsConfiguration: certificate.configuration(protocols: ["http/1.1"]))
    }

    /// The library logs its own start at info; ours says it with the real port.
    private var quietLogger: Logger {
        var quiet = self.logger
        quiet.logLevel = max(self.logger.logLevel, .warning)
        return quiet
    }
}

/// While the process drains, replies ask the caller to come back over another connection, and so to another process.
package struct DrainMiddleware<Context: RequestContext>: RouterMiddleware {
    private let readiness: Readiness

    package init(_ readiness: Readiness) { self.readiness = readiness }

    @concurrent
    package func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        if self.readiness.isDraining { response.headers[.connection] = "close" }
        return response
    }
}
