import Platform
import TestSupport
import Testing

/// The outgoing client against real sockets.
@Suite(.timeLimit(.minutes(1))) struct OutgoingClientTests {
    /// No proxy of the machine's environment may stand between a test and its server.
    static func direct(_ change: (inout OutgoingOptions) -> Void = { _ in }) -> OutgoingOptions {
        var options = OutgoingOptions(proxy: .none)
        change(&options)
        return options
    }

    private func fault(
        of request: OutgoingRequest,
        _ options: OutgoingOptions = direct()
    ) async throws -> OutgoingFault? {
        try await OutgoingClient.scoped(options) { client in
            do {
                _ = try await client.send(request)
                return nil
            } catch {
                return error as? OutgoingFault
            }
        }
    }

    @Test func `brings status, headers and body, and sends what it was given`() async throws {
        let server = try await ScriptedServer { _ in reply("201 Created", "X-Two:  spaced value \r\netag: \"7\"\r\n") }
        let response = try await OutgoingClient.scoped(Self.direct()) { client in
            let headers = [OutgoingHeader("x-one", "1"), OutgoingHeader("x-empty", "")]
            return try await client.send(
                OutgoingRequest(.post, server.url("/a?b=c"), headers: headers, body: Array("payload".utf8))
            )
        }
        #expect(response.status == 201)
        #expect(response["x-TWO"] == "spaced value")
        #expect(response["etag"] == "\"7\"")
        #expect(response["absent"] == nil)
        #expect(response.body == Array("hello".utf8))
        let request = try #require(server.seen.requests.first)
        #expect(request.hasPrefix("POST /a?b=c HTTP/1.1\r\n"))
        #expect(request.contains("\r\nx-one: 1\r\n"))
        #expect(request.contains("\r\nx-empty:\r\n"))
        #expect(request.hasSuffix("\r\n\r\npayload"))
        #expect(!request.lowercased().contains("content-type"), "a body is not called a form")
        #expect(!request.lowercased().contains("accept-encoding"))
    }

    @Test(arguments: [
        OutgoingRequest.Method.get, .head, .post, .put, .patch, .delete,
    ]) func `every method goes out by its name, with its body`(method: OutgoingRequest.Method) async throws {
        let server = try await ScriptedServer {
            $0.hasPrefix("HEAD") ? [.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")] : reply()
        }
        let sendsBody = method != .get && method != .head
        let response = try await OutgoingClient.scoped(Self.direct()) { client in
            try await client.send(OutgoingRequest(method, server.url(), body: sendsBody ? Array("x".utf8) : []))
        }
        #expect(response.status == 200)
        #expect(response.body.count == (method == .head ? 0 : 5))
        let request = try #require(server.seen.requests.first)
        #expect(request.hasPrefix("\(method.rawValue) / "))
        #expect(request.hasSuffix(sendsBody ? "\r\n\r\nx" : "\r\n\r\n"))
    }

    @Test func `a body of two megabytes waits for no 100-continue`() async throws {
        let server = try await ScriptedServer { _ in reply() }
        let body = [UInt8](repeating: 0x61, count: 2 << 20)
        let status = try await OutgoingClient.scoped(Self.direct()) { client in
            try await client.send(OutgoingRequest(.put, server.url(), body: body)).status
        }
        #expect(status == 200)
        let request = try #require(server.seen.requests.first)
        #expect(!request.prefix(1000).lowercased().contains("expect:"))
        #expect(request.utf8.count > body.count)
    }

    @Test func `a head before the last one, and trailers, are not the reply's headers`() async throws {
        let server = try await ScriptedServer { _ in
            [
                .send("HTTP/1.1 103 Early Hints\r\nearly: yes\r\n\r\n"),
                .send("HTTP/1.1 200 OK\r\nlate: yes\r\ntransfer-encoding: chunked\r\n\r\n"),
                .send("5\r\nhello\r\n0\r\ntrailing: yes\r\n\r\n"),
            ]
        }
        let response = try await OutgoingClient.scoped(Self.direct()) {
            try await $0.send(OutgoingRequest(.get, server.url()))
        }
        #expect(response["late"] == "yes")
        #expect(response["early"] == nil)
        #expect(response["trailing"] == nil)
        #expect(response.body == Array("hello".utf8))
    }

    @Test func `a redirect is a reply and is not followed`() async throws {
        let elsewhere = try await ScriptedServer { _ in reply() }
        let target = elsewhere.url()
        let server = try await ScriptedServer { _ in reply("302 Found", "location: \(target)\r\n") }
        let response = try await OutgoingClient.scoped(Self.direct()) {
            try await $0.send(OutgoingRequest(.get, server.url()))
        }
        #expect(response.status == 302)
        #expect(response["location"] == target)
        #expect(elsewhere.seen.connections == 0)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "",
    ]) func `a reply that ends early is no reply`(cut: String) async throws {
        let server = try await ScriptedServer { _ in [.send(cut), .close] }
        let fault = try await self.fault(of: OutgoingRequest(.get, server.url()))
        #expect(fault?.kind == .truncated, "\(cut.debugDescription): \(String(describing: fault))")
    }

    @Test func `a body of exactly the bound passes and one byte more does not`() async throws {
        for (count, kind) in [(1000, nil), (1001, OutgoingFault.Kind.tooLarge)] {
            for head in ["content-length: \(count)\r\n", "connection: close\r\n"] {
                let server = try await ScriptedServer { _ in
                    [.send("HTTP/1.1 200 OK\r\n\(head)\r\n"), .sendBytes(count), .close]
                }
                let fault = try await self.fault(of: OutgoingRequest(.get, server.url(), replyBytesMax: 1000))
                #expect(fault?.kind == kind, "\(count) bytes, \(head)")
            }
        }
    }

    @Test func `a head without end is refused`() async throws {
        let line = "x-filler: \(String(repeating: "a", count: 1000))\r\n"
        let server = try await ScriptedServer { _ in
            [.send("HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 100)), .hang]
        }
        #expect(try await self.fault(of: OutgoingRequest(.get, server.url()))?.kind == .tooLarge)
    }

    @Test func `what is not HTTP is no reply`() async throws {
        let server = try await ScriptedServer { _ in [.send("SSH-2.0-OpenSSH\r\n"), .close] }
        #expect(try await self.fault(of: OutgoingRequest(.get, server.url()))?.kind == .malformed)
    }

    @Test func `a server that says nothing, or stops in the middle, runs into the timeout`() async throws {
        for steps in [[ScriptedServer.Step.hang], [.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"), .hang]] {
            let server = try await ScriptedServer { _ in steps }
            let fault = try await self.fault(of: OutgoingRequest(.get, server.url(), timeout: .milliseconds(200)))
            #expect(fault?.kind == .timeout)
        }
    }

    @Test func `nobody listening is a connect fault, an unknown host a resolve fault`() async throws {
        // Port 1 belongs to nobody; a port that was just given back may be the next test's.
        #expect(try await self.fault(of: OutgoingRequest(.get, "http://127.0.0.1:1/"))?.kind == .connect)
        #expect(try await self.fault(of: OutgoingRequest(.get, "http://no-such-host.invalid/"))?.kind == .resolve)
    }

    @Test(arguments: ["ftp://127.0.0.1/x", "file:///etc/passwd", "not a url", "http://", "http://a\u{0}b/"])
    func `only well-formed http and https URLs go out`(url: String) async throws {
        #expect(try await self.fault(of: OutgoingRequest(.get, url))?.kind == .invalid, "\(url)")
    }

    @Test(arguments: [
        OutgoingHeader("x", "a\r\ninjected: yes"), OutgoingHeader("x\n", "a"), OutgoingHeader("", "a"),
        OutgoingHeader("x y", "a"), OutgoingHeader("x", "a\u{0}"),
    ]) func `a header cannot smuggle another`(header: OutgoingHeader) async throws {
        let server = try await ScriptedServer { _ in reply() }
        let fault = try await self.fault(of: OutgoingRequest(.get, server.url(), headers: [header]))
        #expect(fault?.kind == .invalid)
        #expect(server.seen.connections == 0)
    }

    @Test func `a fault names no path, header or body`() async throws {
        let server = try await ScriptedServer { _ in [.close] }
        let request = OutgoingRequest(
            .post,
            server.url("/hidden-path?token=hidden-token"),
            headers: [OutgoingHeader("authorization", "Bearer hidden-key")],
            body: Array("hidden-body".utf8)
        )
        let fault = try #require(try await self.fault(of: request))
        #expect(!fault.description.contains("hidden"))
    }

    @Test func `speaks over a Unix socket`() async throws {
        let folder = try TemporaryFolder("sock")
        let path = "\(folder.path)/s"
        let server = try await ScriptedServer(unixSocket: path) { _ in reply() }
        let status = try await OutgoingClient.scoped(Self.direct()) { client in
            try await client.send(OutgoingRequest(.get, "http://anything/", unixSocket: path)).status
        }
        #expect(status == 200)
        try await server.close()
    }
}
