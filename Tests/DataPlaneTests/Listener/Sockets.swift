import NIOCore
import NIOPosix
import NIOSSL

/// One end of a TCP connection, read and written as text.
struct Conversation {
    private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let writer: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private(set) var pending = ""
    /// Everything is over: the other end closed.
    private(set) var hasEnded = false
    private(set) var wasReset = false

    init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) {
        self.iterator = inbound.makeAsyncIterator()
        self.writer = outbound
    }

    func send(_ text: String) async throws { try await self.writer.write(ByteBuffer(string: text)) }

    func send(_ bytes: ByteBuffer) async throws { try await self.writer.write(bytes) }

    /// Waits for `end` and gives everything up to and including it; what there is if the connection ends first.
    mutating func read(through end: String) async throws -> String {
        while !self.hasEnded {
            if let found = self.pending.firstRange(of: end) {
                let text = String(self.pending[..<found.upperBound])
                self.pending = String(self.pending[found.upperBound...])
                return text
            }
            try await self.readMore()
        }
        defer { self.pending = "" }
        return self.pending
    }

    mutating func read(count: Int) async throws -> String {
        while !self.hasEnded, self.pending.utf8.count < count { try await self.readMore() }
        let text = String(decoding: Array(self.pending.utf8.prefix(count)), as: UTF8.self)
        self.pending = String(decoding: Array(self.pending.utf8.dropFirst(count)), as: UTF8.self)
        return text
    }

    mutating func readToEnd() async throws -> String {
        while !self.hasEnded { try await self.readMore() }
        defer { self.pending = "" }
        return self.pending
    }

    /// One message with a `content-length`, or one in chunks, which stay as they are; nil at the end.
    mutating func message() async throws -> (head: String, body: String)? {
        let head = try await self.read(through: "\r\n\r\n")
        guard head.hasSuffix("\r\n\r\n") else { return nil }
        if let length = Self.field("content-length", in: head).flatMap({ Int($0) }) {
            return (head, try await self.read(count: length))
        }
        guard Self.field("transfer-encoding", in: head) != nil else { return (head, "") }
        return (head, try await self.read(through: "\r\n0\r\n\r\n"))
    }

    /// Bytes until the other end has nothing more for us right now.
    mutating func drop() async throws -> Int {
        try await self.readMore()
        defer { self.pending = "" }
        return self.pending.utf8.count
    }

    private mutating func readMore() async throws {
        do {
            guard let bytes = try await self.iterator.next(isolation: #isolation) else {
                self.hasEnded = true
                return
            }
            self.pending += String(buffer: bytes)
        } catch is IOError {
            self.hasEnded = true  // a reset is an end too
            self.wasReset = true
        }
    }

    static func field(_ name: String, in head: String) -> String? {
        for line in head.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == name { return String(parts[1].drop { $0 == " " }) }
        }
        return nil
    }
}

enum Sockets {
    /// Serves every connection to a free port with `serve`, as long as `body` runs.
    static func withServer(
        at host: String = "127.0.0.1",
        tls: NIOSSLContext? = nil,
        _ serve: @escaping @Sendable (inout Conversation) async throws -> Void,
        _ body: (Int) async throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: host, port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let port = server.channel.localAddress?.port ?? 0
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                try await server.executeThenClose { connections in
                    try await withThrowingDiscardingTaskGroup { each in
                        for try await connection in connections {
                            each.addTask {
                                // How a script ends is the test's to see at the other end.
                                try? await connection.executeThenClose { inbound, outbound in
                                    var conversation = Conversation(inbound, outbound)
                                    try await serve(&conversation)
                                }
                            }
                        }
                    }
                }
            }
            do { try await body(port) } catch {
                tasks.cancelAll()
                throw error
            }
            tasks.cancelAll()
            while let result = await tasks.nextResult() { _ = result }
        }
    }

    /// A connection that is closed when `body` is done.
    static func withClient<Result: Sendable>(
        to port: Int,
        receiveBuffer: Int? = nil,
        tls: NIOSSLContext? = nil,
        _ body: (inout Conversation) async throws -> Result
    ) async throws -> Result {
        var bootstrap = ClientBootstrap(group: NIOSingletons.posixEventLoopGroup)
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: .init(receiveBuffer))
        }
        let channel = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                if let tls {
                    let handler = try NIOSSLClientHandler(context: tls, serverHostname: "localhost")
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
                return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            var conversation = Conversation(inbound, outbound)
            return try await body(&conversation)
        }
    }

    /// A port at which nobody listens.
    static func closedPort() async throws -> Int {
        let channel = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close().get()
        return port
    }
}
