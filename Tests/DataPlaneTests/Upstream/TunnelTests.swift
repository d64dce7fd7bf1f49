import NIOCore
import NIOEmbedded
import Testing

@testable import DataPlane

@Suite struct TunnelReplyTests {
    private static let good = "HTTP/1.1 200 Connection established\r\nvia: 1.1 proxy\r\n\r\n"

    private func verdict(_ pieces: [String]) -> TunnelReply.Verdict {
        var reply = TunnelReply()
        var verdict = TunnelReply.Verdict.more
        for piece in pieces where verdict == .more { verdict = reply.take(ByteBuffer(string: piece)) }
        return verdict
    }

    @Test func `a tunnel stands after status 200, however the bytes are cut`() {
        let text = Array(Self.good)
        for cut in 0...text.count {
            let pieces = [String(text[..<cut]), String(text[cut...])]
            #expect(self.verdict(pieces) == .open(rest: ByteBuffer()), "cut at \(cut)")
        }
        #expect(self.verdict(text.map { String($0) }) == .open(rest: ByteBuffer()))
    }

    @Test func `what stands behind the head is the provider's`() {
        #expect(self.verdict([Self.good + "tls"]) == .open(rest: ByteBuffer(string: "tls")))
    }

    @Test(arguments: [
        "HTTP/1.1 200\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 \r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx:\r\n\r\n",
    ]) func `proxies word it in several ways`(text: String) {
        #expect(self.verdict([text]) == .open(rest: ByteBuffer()))
    }

    @Test func `each refusal has its reason`() {
        let cases: [(String, ConnectFailure)] = [
            ("HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n", .proxyUnauthorized),
            ("HTTP/1.1 403 Forbidden\r\n\r\n", .proxyRefused(status: 403)),
            ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 3\r\n\r\nabc", .proxyRefused(status: 502)),
            ("HTTP/1.1 204 No Content\r\n\r\n", .proxyRefused(status: 204)),
            ("HTTP/1.1 101 Switching\r\n\r\n", .proxyRefused(status: 101)),
        ]
        for (text, failure) in cases { #expect(self.verdict([text]) == .failed(failure), "\(text)") }
    }

    @Test(arguments: [
        "HTTP/2 200\r\n\r\n", "SSH-2.0-x\r\n\r\n", "\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 200 OK\nx: y\r\n\r\n",
        "HTTP/1.1 200 OK\r\n folded: y\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: y\r\n\r\n",
        "HTTP/1.1 200 O\rK\r\n\r\n",
    ]) func `what is no such head is refused`(text: String) {
        #expect(self.verdict([text]) == .failed(.proxyRefused(status: nil)))
    }

    @Test func `a head has at most 8 KiB`() {
        let start = "HTTP/1.1 200 OK\r\nx: "
        let room = TunnelReply.bytesMax - start.utf8.count - 4
        let most = start + String(repeating: "y", count: room)
        #expect(self.verdict([most + "\r\n\r\n"]) == .open(rest: ByteBuffer()))
        #expect(self.verdict([most + "y\r\n\r\n"]) == .failed(.proxyRefused(status: nil)))
        #expect(self.verdict([String(repeating: "\r\n", count: 10_000)]) == .failed(.proxyRefused(status: nil)))
    }
}

@Suite struct TunnelTests {
    /// What came through the tunnel.
    private final class Behind: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var text = ""

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.text += String(buffer: Self.unwrapInboundIn(data))
        }
    }

    private final class Trial {
        let channel = EmbeddedChannel()
        let behind = Behind()
        private(set) var ends: [ConnectFailure?] = []

        init(tls: Bool = true, host: String = "provider.test", authorization: String? = nil) throws {
            try self.channel.connect(to: SocketAddress(ipAddress: "192.0.2.9", port: 3_128)).wait()
            let tunnel = Tunnel(
                to: Endpoint(host: host, port: 443, isTLS: tls),
                authorization: authorization,
                timeoutMilliseconds: 5_000
            ) { [unowned self] failure in
                self.ends.append(failure)
                if failure == nil { try self.channel.pipeline.syncOperations.addHandler(self.behind) }
            }
            try self.channel.pipeline.syncOperations.addHandler(tunnel)
        }

        func sent() throws -> String {
            var text = ""
            while let bytes = try self.channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
            return text
        }

        func receive(_ text: String) throws { try self.channel.writeInbound(ByteBuffer(string: text)) }
    }

    private let good = "HTTP/1.1 200 OK\r\n\r\n"

    @Test func `the proxy is asked for the provider's host and port, with credentials where there are some`() throws {
        let plain = try Trial()
        #expect(try plain.sent() == "CONNECT provider.test:443 HTTP/1.1\r\nhost: provider.test:443\r\n\r\n")
        let proven = try Trial(host: "2001:db8::1", authorization: "Basic abc")
        #expect(
            try proven.sent()
                == "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nhost: [2001:db8::1]:443\r\nproxy-authorization: Basic abc\r\n\r\n"
        )
    }

    @Test func `once it stands the handler is gone and every byte behind the head arrives, wherever it is cut`() throws
    {
        let text = Array(self.good + "hello")
        for cut in 1..<text.count {
            let trial = try Trial()
            try trial.receive(String(text[..<cut]))
            try trial.receive(String(text[cut...]))
            try trial.receive("!")
            #expect(trial.ends == [nil] && trial.behind.text == "hello!", "cut at \(cut)")
            #expect(throws: (any Error).self) { try trial.channel.pipeline.syncOperations.handler(type: Tunnel.self) }
            trial.channel.embeddedEventLoop.advanceTime(by: .seconds(60))
            #expect(trial.channel.isActive && trial.ends.count == 1)
        }
    }

    @Test func `a refusal, a silence and an end close the connection and are told once`() throws {
        let cases: [(ConnectFailure, (Trial) throws -> Void)] = [
            (.proxyUnauthorized, { try $0.receive("HTTP/1.1 407 No\r\n\r\n") }),
            (.proxyRefused(status: 503), { try $0.receive("HTTP/1.1 503 No\r\n\r\n") }),
            (.proxyUnreachable, { $0.channel.embeddedEventLoop.advanceTime(by: .milliseconds(5_000)) }),
            (.proxyRefused(status: nil), { try $0.channel.close().wait() }),
            (.proxyRefused(status: nil), { $0.channel.pipeline.fireErrorCaught(ChannelError.inputClosed) }),
        ]
        for (failure, happen) in cases {
            let trial = try Trial()
            try happen(trial)
            trial.channel.embeddedEventLoop.advanceTime(by: .seconds(60))
            #expect(trial.ends == [failure] && !trial.channel.isActive)
        }
    }

    @Test func `a proxy that answers for a provider without TLS is not believed`() throws {
        let trial = try Trial(tls: false)
        try trial.receive(self.good + "HTTP/1.1 200 OK\r\n\r\n")
        #expect(trial.ends == [.proxyRefused(status: nil)])
        let honest = try Trial(tls: false)
        try honest.receive(self.good)
        #expect(honest.ends == [nil])
    }
}
