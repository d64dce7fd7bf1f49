import CCurl
import NIOPosix
import ServiceLifecycle

/// How all calls of one client are made.
package struct OutgoingOptions: Sendable {
    package enum Proxy: Hashable, Sendable {
        /// `https_proxy`, `http_proxy`, `all_proxy`, `no_proxy`, as curl reads them.
        case environment
        case none
        case url(String)
    }

    package var userAgent: String
    package var trust: ServerTrust
    package var proxy: Proxy
    package var connectTimeout: Duration
    /// Calls under way and waiting together; one more is refused with `.overloaded`.
    package var transfersMax: Int
    /// Calls beyond it wait for a connection, within their own timeout.
    package var connectionsPerHostMax: Int
    /// Idle connections kept open.
    package var connectionsKeptMax: Int

    package init(
        userAgent: String = "martlet",
        trust: ServerTrust = .authorities(bundle: nil),
        proxy: Proxy = .environment,
        connectTimeout: Duration = .seconds(5),
        transfersMax: Int = 1_024,
        connectionsPerHostMax: Int = 32,
        connectionsKeptMax: Int = 64
    ) {
        self.userAgent = userAgent
        self.trust = trust
        self.proxy = proxy
        self.connectTimeout = connectTimeout
        self.transfersMax = transfersMax
        self.connectionsPerHostMax = connectionsPerHostMax
        self.connectionsKeptMax = connectionsKeptMax
    }
}

/// Every HTTP call that is not traffic: libcurl's multi interface on one thread, with connections, TLS sessions and
/// HTTP/2 streams shared by all calls.
///
/// A call ends exactly once, with a whole reply or a fault. No redirect is followed, no reply is decompressed. Whoever
/// makes a client ends it: `shutdown()`, or `run()` as a service, or `OutgoingClient.scoped`.
package final class OutgoingClient: Service {
    private let mailbox: OutgoingMailbox
    private let thread: NIOThreadPool

    /// libcurl wants this once per process, before anything else.
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    package init(_ options: OutgoingOptions = OutgoingOptions()) {
        precondition(Self.isLibraryReady, "libcurl could not be initialised")
        let mailbox = OutgoingMailbox(transfersMax: options.transfersMax)
        self.mailbox = mailbox
        self.thread = NIOThreadPool(numberOfThreads: 1)
        self.thread.start()
        self.thread.submit { _ in
            guard var loop = OutgoingLoop(mailbox, options) else {
                mailbox.end()
                let fault = OutgoingFault(.closed, "no memory for the client")
                for order in mailbox.take().orders { order.finish(.failure(fault)) }
                return
            }
            loop.run()
        }
    }

    /// Cancelling the calling task ends the transfer and throws `.cancelled`.
    package func send(_ request: OutgoingRequest) async throws(OutgoingFault) -> OutgoingResponse {
        let id = self.mailbox.nextID()
        let result: Result<OutgoingResponse, OutgoingFault> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                do throws(OutgoingFault) {
                    let order = OutgoingMailbox.Order(id: id, request: request) { continuation.resume(returning: $0) }
                    try self.mailbox.post(order)
                    // The handler may have run before there was anything to cancel.
                    if Task.isCancelled { self.mailbox.cancel(id) }
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            self.mailbox.cancel(id)
        }
        return try result.get()
    }

    /// Ends every call under way with `.closed`; returns when the thread has ended.
    package func shutdown() async {
        self.mailbox.end()
        do {
            try await self.thread.shutdownGracefully()
        } catch {
            // Only thrown where it has been shut down before.
        }
    }

    /// As a service it only waits for the end. List it before those that call through it: it then stops after them.
    package func run() async {
        do {
            try await gracefulShutdown()
        } catch {
            // Cancelled, which is the end as well.
        }
        await self.shutdown()
    }

    /// A client for the length of `body`.
    package static func scoped<Value>(
        _ options: OutgoingOptions = OutgoingOptions(),
        _ body: (OutgoingClient) async throws -> Value
    ) async throws -> Value {
        let client = OutgoingClient(options)
        do {
            let value = try await body(client)
            await client.shutdown()
            return value
        } catch {
            await client.shutdown()
            throw error
        }
    }
}
