import Domain
import Platform
import TestSupport
import Testing

@testable import DataPlane

/// A node that has no room for more says so, serves who is in, and has room again when they have gone.
@Suite struct CrowdedTests {
    @Test func `a key with as many requests as it may have is told so, on a connection that lives on`() async throws {
        var places = Places.Bounds()
        places.perApplicationMax = 1
        try await Sockets.withServer { provider in
            while let request = try await provider.message() {
                guard request.body.contains("slow") else {
                    try await provider.send(HTTP.json(Chat.reply))
                    continue
                }
                try await provider.send(HTTP.streamHead + HTTP.chunk(Chat.chunk("first")))
                // The stream goes on until its caller hangs up.
                while try await provider.message() != nil {}
            }
        } _: { port in
            try await RunningNode.with(.at(port, hangUp: .cancel), places: places) { node in
                try await Sockets.withClient(to: node.port) { second in
                    try await Sockets.withClient(to: node.port) { first in
                        try await first.send(HTTP.post(Chat.request(stream: true, more: #","user":"slow""#)))
                        _ = try await first.read(through: "first")
                        try await second.send(HTTP.post(Chat.request()))
                        let refused = try await second.message()?.head ?? ""
                        #expect(refused.hasPrefix("HTTP/1.1 429 ") && refused.contains("retry-after: 1\r\n"))
                    }
                    try await eventually("the first has gone") { node.traffic.exchangesInFlight == 0 }
                    try await second.send(HTTP.post(Chat.request()))
                    let served = try await second.message()
                    #expect(served?.body == Chat.reply)
                }
                #expect(node.recorder.all.denied.map(\.code) == [.rateLimitExceeded])
            }
        }
    }

    @Test func `a loop with as many connections as it may have closes the next one on arrival`() async throws {
        var places = Places.Bounds()
        places.connectionsMax = 1
        try await RunningNode.with(.at(9), places: places) { node in
            try await Sockets.withClient(to: node.port) { first in
                try await first.send("GET /v1/models HTTP/1.1\r\nhost: node\r\nx-api-key: \(goodKey)\r\n\r\n")
                #expect(try await first.message()?.head.hasPrefix("HTTP/1.1 200 ") == true)
                let second = try await Sockets.withClient(to: node.port) { try await $0.readToEnd() }
                #expect(second.isEmpty)
            }
        }
    }

    @Test func `a key that holds as much as it may is told so, and others are served`() async throws {
        var places = Places.Bounds()
        places.bodyBytesPerApplicationMax = 1_000
        try await RunningNode.with(.at(9), places: places) { node in
            let reply = try await Sockets.withClient(to: node.port) { client in
                try await client.send(HTTP.post(String(repeating: " ", count: 1_001)))
                return try await client.message()
            }
            #expect(reply?.head.hasPrefix("HTTP/1.1 429 ") == true)
            try await eventually("no body is held") { node.traffic.bodies.bytesHeld == 0 }
        }
    }

    @Test func `a reply for which there is no memory passes all the same, uncounted, and takes none`() async throws {
        let reply = Chat.reply + String(repeating: " ", count: 20_000)
        try await Sockets.withServer { provider in
            while try await provider.message() != nil { try await provider.send(HTTP.json(reply)) }
        } _: { port in
            try await RunningNode.with(.at(port), bodyBytesMax: 4_096) { node in
                try await Sockets.withClient(to: node.port) { client in
                    try await client.send(HTTP.post(Chat.request()))
                    let (head, body) = try #require(try await client.message())
                    #expect(head.hasPrefix("HTTP/1.1 200 ") && !head.contains("martlet-cost-usd") && body == reply)
                }
                try await eventually("it is counted") { node.recorder.all.ended.count == 1 }
                #expect(node.recorder.all.ended.map(\.isUnconfirmed) == [true])
                try await eventually("no body is held") { node.traffic.bodies.bytesHeld == 0 }
            }
        }
    }

    @Test func `answers that nobody waits for are broken off beyond their bound, and counted all the same`()
        async throws
    {
        var places = Places.Bounds()
        places.abandonedPerApplicationMax = 2
        try await Sockets.withServer { provider in
            _ = try await provider.message()
            try await provider.send(HTTP.streamHead + HTTP.chunk(Chat.chunk("first")))
            while try await provider.message() != nil {}
        } _: { port in
            try await RunningNode.with(.at(port), drainTimeout: .milliseconds(50), places: places) { node in
                for _ in 0..<5 {
                    try await Sockets.withClient(to: node.port) { client in
                        try await client.send(HTTP.post(Chat.request(stream: true)))
                        _ = try await client.read(through: "first")
                    }
                }
                try await eventually("two are read on") { node.traffic.exchangesInFlight == 2 }
                let ended = node.recorder.all.ended
                #expect(ended.map(\.outcome) == [.cancelled, .cancelled, .cancelled])
                #expect(ended.map(\.isUnconfirmed) == [true, true, true])
            }
        }
    }
}
