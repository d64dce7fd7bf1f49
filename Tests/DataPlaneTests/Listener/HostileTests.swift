import Domain
import NIOCore
import Platform
import Synchronization
import TestSupport
import Testing

@testable import DataPlane

/// Peers that do not keep to HTTP, or to anything. The node answers or closes, and keeps nothing of it.
@Suite struct HostileTests {
    private static let rounds = 300

    @Test func `ambiguous and broken requests are refused, and nothing is asked upstream`() async throws {
        let key = "x-api-key: \(goodKey)\r\n"
        let start = "POST /v1/chat/completions HTTP/1.1\r\nhost: node\r\n\(key)"
        let texts = [
            start + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            start + "content-length: 2\r\ncontent-length: 3\r\n\r\n{}", start + "content-length: -2\r\n\r\n{}",
            start + "content-length: 99999999999999999999\r\n\r\n{}", start + "content-length: 0x2\r\n\r\n{}",
            start + "transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
            start + "transfer-encoding: gzip, identity\r\n\r\n{}", start + "x-a: b\r\n c: d\r\n\r\n",
            start + "x-a : b\r\n\r\n", start + "x-\u{0}a: b\r\n\r\n",
            "POST /v1/chat/completions HTTP/9.9\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "\r\n\r\n\u{16}\u{3}\u{1}",
        ]
        try await RunningNode.with(.at(9)) { node in
            for text in texts {
                let reply = try await Sockets.withClient(to: node.port) { client in
                    // What comes after must not be taken for a request of its own.
                    try await client.send(text + "GET /v1/models HTTP/1.1\r\n\(key)\r\n")
                    return try await client.readToEnd()
                }
                #expect(reply.hasPrefix("HTTP/1.1 400 ") && !reply.contains("HTTP/1.1 200"), "\(text.debugDescription)")
            }
            #expect(node.recorder.all.begun.isEmpty)
            try await Self.expectNothingHeld(node)
        }
    }

    @Test func `a request followed by bytes that are none still gets its answer`() async throws {
        try await Sockets.withServer { provider in
            while try await provider.message() != nil { try await provider.send(HTTP.json(Chat.reply)) }
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                for count in 1...3 {
                    try await Sockets.withClient(to: node.port) { client in
                        let requests = String(repeating: HTTP.post(Chat.request()), count: count)
                        try await client.send(requests + "garbage and more\r\n\r\nGET / HTTP/1.1\r\n\r\n")
                        for _ in 0..<count { #expect(try await client.message()?.body == Chat.reply) }
                        let last = try await client.readToEnd()
                        #expect(last.hasPrefix("HTTP/1.1 400 ") && last.contains("connection: close\r\n"))
                        #expect(!last.dropFirst(4).contains("HTTP/1.1 4"), "told once")
                    }
                }
                try await Self.expectNothingHeld(node)
            }
        }
    }

    @Test func `a request without a host, or with two, is refused like others, with its id`() async throws {
        try await RunningNode.with(.at(9)) { node in
            for hosts in ["", "host: node\r\nhost: node\r\n", "host: node\r\nHost: other\r\n"] {
                let reply = try await Sockets.withClient(to: node.port) { client in
                    try await client.send("GET /v1/models HTTP/1.1\r\n\(hosts)x-api-key: \(goodKey)\r\n\r\n")
                    return try await client.readToEnd()
                }
                #expect(reply.hasPrefix("HTTP/1.1 400 ") && reply.contains("'host'"), "\(hosts)")
                for name in ["martlet-request-id", "x-request-id", "request-id"] {
                    #expect(Conversation.field(name, in: reply)?.utf8.count == 26, "\(name)")
                }
            }
            try await Self.expectNothingHeld(node)
        }
    }

    @Test func `full targets, HEAD and requests for other protocols are answered as HTTP says`() async throws {
        try await RunningNode.with(.at(9)) { node in
            try await Sockets.withClient(to: node.port) { client in
                let key = "host: node\r\nx-api-key: \(goodKey)\r\n"
                try await client.send("GET http://node:8480/v1/models HTTP/1.1\r\n\(key)\r\n")
                #expect(try await client.message()?.head.hasPrefix("HTTP/1.1 200 ") == true)
                try await client.send("HEAD /v1/models HTTP/1.1\r\n\(key)\r\n")
                let head = try await client.read(through: "\r\n\r\n")
                #expect(head.hasPrefix("HTTP/1.1 200 ") && client.pending.isEmpty)
                #expect(Int(Conversation.field("content-length", in: head) ?? "") ?? 0 > 0)
                // An upgrade is an offer; the answer in HTTP/1.1 declines it, and the connection goes on.
                let upgrade = "connection: upgrade\r\nupgrade: h2c\r\n"
                try await client.send("GET /v1/models HTTP/1.1\r\n\(key)\(upgrade)\r\n")
                #expect(try await client.message()?.head.hasPrefix("HTTP/1.1 200 ") == true)
                try await client.send("GET /v1/models HTTP/1.1\r\n\(key)connection: keep-alive, Close\r\n\r\n")
                let last = try await client.readToEnd()
                #expect(last.hasPrefix("HTTP/1.1 200 ") && last.contains("connection: close\r\n"))
            }
        }
    }

    @Test func `a caller that sends anything at all leaves nothing behind`() async throws {
        let seeds = SeededGenerator.printed()
        try await Sockets.withServer { provider in
            while try await provider.message() != nil { try await provider.send(HTTP.json(Chat.reply)) }
        } _: { port in
            try await RunningNode.with(.at(port)) { node in
                var generator = seeds
                for _ in 0..<Self.rounds {
                    var bytes = Array((HTTP.post(Chat.request()) + HTTP.post(Chat.request(stream: true))).utf8)
                    Self.spoil(&bytes, &generator)
                    let sent = ByteBuffer(bytes: bytes)
                    try await Sockets.withClient(to: node.port) { try await $0.send(sent) }
                }
                try await Self.expectNothingHeld(node)
                #expect(node.recorder.all.begun.count == node.recorder.all.ended.count)
                let reply = try await Sockets.withClient(to: node.port) { client in
                    try await client.send(HTTP.post(Chat.request()))
                    return try await client.message()
                }
                #expect(reply?.body == Chat.reply)
            }
        }
    }

    @Test func `a provider that sends anything at all never makes an answer that looks whole and is not`() async throws
    {
        let generator = Mutex(SeededGenerator.printed())
        let isSpoilt = Mutex(false)
        try await Sockets.withServer { provider in
            while let request = try await provider.message() {
                let isStream = request.body.contains(#""stream":true"#)
                let stream = HTTP.chunk(Chat.chunk("Hello")) + HTTP.chunk(Chat.usage + Chat.done) + HTTP.lastChunk
                var bytes = Array((isStream ? HTTP.streamHead + stream : HTTP.json(Chat.reply)).utf8)
                let whole = bytes
                generator.withLock { Self.spoil(&bytes, &$0) }
                isSpoilt.withLock { $0 = bytes != whole }
                try await provider.send(ByteBuffer(bytes: bytes))
                return  // and closes
            }
        } _: { port in
            let timeouts = Timeouts(firstByteStreamed: 200, firstByteWhole: 200, betweenChunks: 200, total: 400)
            try await RunningNode.with(.at(port, timeouts: timeouts)) { node in
                for round in 0..<Self.rounds {
                    let isStream = round.isMultiple(of: 2)
                    let reply = try await Sockets.withClient(to: node.port) { client in
                        try await client.send(HTTP.post(Chat.request(stream: isStream), "connection: close\r\n"))
                        return try await client.readToEnd()
                    }
                    if !isSpoilt.withLock({ $0 }) { #expect(reply.hasPrefix("HTTP/1.1 200 "), "\(reply)") }
                    Self.expectHonest(reply, isStream)
                }
                try await Self.expectNothingHeld(node)
                let all = node.recorder.all
                #expect(all.begun.count == Self.rounds && all.ended.count == Self.rounds)
            }
        }
    }

    /// A 200 with its whole length or last chunk is a JSON object to its end, or a stream with its end marker or an
    /// error.
    private static func expectHonest(_ reply: String, _ isStream: Bool) {
        guard reply.hasPrefix("HTTP/1.1 200 "), let gap = reply.firstRange(of: "\r\n\r\n") else { return }
        let (head, body) = (String(reply[..<gap.upperBound]), String(reply[gap.upperBound...]))
        if let length = Conversation.field("content-length", in: head).flatMap({ Int($0) }) {
            guard body.utf8.count == length else { return }
            let text = body.split(whereSeparator: \.isWhitespace)  // white space around an object changes nothing
            #expect(text.first?.hasPrefix("{") == true && text.last?.hasSuffix("}") == true, "\(reply)")
        } else if let text = HTTP.unchunked(body) {
            #expect(text.contains("[DONE]") || text.contains(#"data: {"error""#) || !isStream, "\(reply)")
        }
    }

    private static func expectNothingHeld(_ node: RunningNode) async throws {
        try await eventually("every exchange and connection has ended") {
            node.traffic.metrics.exchangesInFlight.value == 0 && node.traffic.metrics.clientConnections.value == 0
        }
        try await eventually("no body is held") { node.traffic.bodies.bytesHeld == 0 }
    }

    /// Cuts, repeats, swaps or overwrites a few places.
    private static func spoil(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 0...3, using: &generator) where bytes.count > 4 {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let length = min(Int.random(in: 1...20, using: &generator), bytes.count - place)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes.removeSubrange(place..<(place + length))
            case 1: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
            case 2: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 3: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: Array("\r\n".utf8), at: place)
            }
        }
    }
}
