import Domain
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Platform
import ServiceLifecycle
import Synchronization

@testable import DataPlane

/// A listener at a free port on one event loop, with everything before and behind it faked.
struct RunningNode {
    let port: Int
    let recorder: KeepingRecorder
    let traffic: NodeTraffic
    let metrics: MetricRegistry
    let readiness: Readiness
    private let services: ServiceGroup

    /// As SIGTERM does once its delay is over.
    func stop() async { await self.services.triggerGracefulShutdown() }

    static func with(
        _ snapshot: Snapshot?,
        credentials: FixedCredentials = .init(),
        bodyBytesMax: Int = NodeTraffic.bodyBytesMax,
        drainTimeout: Duration = .seconds(10),
        trustRoots: NIOSSLTrustRoots? = nil,
        upstream: SocketConnector? = nil,
        pool: ConnectionPool.Bounds = .init(),
        places: Places.Bounds = .init(),
        certificate: ServerCertificate? = nil,
        _ body: @escaping @Sendable (RunningNode) async throws -> Void
    ) async throws {
        let recorder = KeepingRecorder()
        let (metrics, readiness) = (MetricRegistry(), Readiness())
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let traffic = NodeTraffic(
            snapshots: SnapshotHolder(snapshot),
            credentials: credentials,
            recorder: recorder,
            leases: Leases(bell: Bell()),
            readiness: readiness,
            metrics: metrics,
            logger: logger,
            bodyBytesMax: bodyBytesMax,
            pool: pool,
            places: places
        )
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        let listener = Listener(
            at: NetworkAddress(host: "127.0.0.1", port: 0),
            traffic,
            upstream: try upstream ?? SocketConnector(trust: ProviderTrust(roots: trustRoots ?? .default)),
            on: group,
            certificate: certificate,
            drainTimeout: drainTimeout,
            onListening: { told.yield($0.port) }
        )
        let services = ServiceGroup(configuration: .init(services: [listener], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await services.run() }
            for await port in ports {
                let node = RunningNode(
                    port: port,
                    recorder: recorder,
                    traffic: traffic,
                    metrics: metrics,
                    readiness: readiness,
                    services: services
                )
                do { try await body(node) } catch {
                    tasks.cancelAll()
                    throw error
                }
                break
            }
            await services.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        try await group.shutdownGracefully()
    }
}

extension Snapshot {
    /// The route `assistant` over providers at these ports of this machine.
    static func at(
        _ ports: Int...,
        timeouts: Timeouts = Timeouts(),
        hangUp: Route.HangUp = .drain,
        scheme: String = "http",
        host: String = "127.0.0.1"
    ) throws -> Snapshot {
        let names = ["one", "two", "three"]
        return try .fixture(
            providers: zip(names, ports).map { try .fixture($0, url: "\(scheme)://\(host):\($1)/v1") },
            timeouts: timeouts,
            hangUp: hangUp
        )
    }
}

/// HTTP/1.1 texts.
enum HTTP {
    static func post(_ body: String, _ fields: String = "") -> String {
        "POST /v1/chat/completions HTTP/1.1\r\nhost: node\r\nauthorization: Bearer \(goodKey)\r\n\(fields)"
            + "content-length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    static func json(_ body: String, _ fields: String = "", status: String = "200 OK") -> String {
        "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\n\(fields)content-length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    static let streamHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    static let lastChunk = "0\r\n\r\n"

    static func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }

    /// The texts of a chunked body put together; nil if it does not end with its last chunk.
    static func unchunked(_ body: String) -> String? {
        var rest = Array(body.utf8)[...]
        var text: [UInt8] = []
        while let line = rest.firstIndex(of: 13),
            let size = Int(String(decoding: rest[..<line], as: UTF8.self), radix: 16)
        {
            if size == 0 { return String(decoding: text, as: UTF8.self) }
            let start = line + 2
            guard start + size + 2 <= rest.endIndex else { return nil }
            text += rest[start..<(start + size)]
            rest = rest[(start + size + 2)...]
        }
        return nil
    }
}
