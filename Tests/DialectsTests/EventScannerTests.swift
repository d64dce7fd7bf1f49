import Domain
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Dialects

struct EventScannerTests {
    /// A case of the public set: what the HTML standard makes of a stream.
    struct Case: Decodable {
        let name: String
        let inputBase64: String
        let events: [Dispatched]
        let retryMs: Decimal?

        enum CodingKeys: String, CodingKey {
            case name
            case inputBase64 = "input_base64"
            case events
            case retryMs = "retry_ms"
        }
    }

    struct Dispatched: Decodable, Equatable {
        let event: String
        let data: String
        let lastEventID: String

        enum CodingKeys: String, CodingKey {
            case event
            case data
            case lastEventID = "last_event_id"
        }
    }

    private struct Suite: Decodable { let cases: [Case] }

    /// What a browser would dispatch of the scanner's blocks, and the bytes that passed.
    private struct Heard: Equatable {
        var events: [Dispatched] = []
        var retry: Decimal?
        var raw = ByteBuffer()
        var rest: ByteBuffer?
    }

    private func hear(_ pieces: [ByteBuffer]) throws -> Heard {
        var heard = Heard()
        var scanner = EventScanner()
        var lastID = ""
        for piece in pieces {
            scanner.feed(piece)
            while let event = try scanner.next() {
                heard.raw.writeImmutableBuffer(event.raw)
                if let id = event.id { lastID = id }
                if let retry = event.retry { heard.retry = Decimal(string: retry) }
                guard let data = event.data else { continue }
                heard.events.append(Dispatched(event: event.name ?? "message", data: data.text, lastEventID: lastID))
            }
        }
        heard.rest = scanner.rest()?.raw
        heard.raw.writeImmutableBuffer(heard.rest ?? ByteBuffer())
        return heard
    }

    @Test(.needsFixtures) func `finds the events of the collected set however the bytes are cut`() throws {
        for test in try Fixtures.json(Suite.self, "sse/cases.json").cases {
            let input = ByteBuffer(bytes: try #require(Data(base64Encoded: test.inputBase64)))
            // The longest inputs are cut at every 7th byte, which is still every kind of place.
            let step = input.readableBytes > 3_000 ? 7 : 1
            let cuts = input.cuts.enumerated().filter { $0.offset % step == 0 }.map(\.element)
            for pieces in [[input]] + cuts + [input.single] {
                let heard = try self.hear(pieces)
                // A field in a block that no blank line ends counts for `retry` but not for events.
                #expect(heard.events == test.events, "\(test.name)")
                #expect(heard.raw == input, "\(test.name)")
                #expect(heard.retry == test.retryMs || heard.rest != nil, "\(test.name)")
            }
        }
    }

    @Test func `the same blocks come out of a random stream however it is cut`() throws {
        var random = SeededGenerator.printed()
        let parts = [
            "data: a", "data:", "data", ":", "event: x", "id: 1", "\n", "\n", "\r", "\r\n", "\r\n\r\n", "\u{FEFF}", " ",
            "é", "retry: 5",
        ]
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...24, using: &random)).map { _ in parts.randomElement(using: &random) ?? ""
            }.joined()
            let whole = ByteBuffer(string: text)
            let expected = try self.hear([whole])
            #expect(expected.raw == whole)
            for pieces in whole.cuts + [whole.single] {
                let heard = try self.hear(pieces)
                #expect(heard.events == expected.events, "\(text.debugDescription)")
                #expect(heard.raw == whole, "\(text.debugDescription)")
            }
        }
    }

    @Test func `an event is handed out with its last byte and does not wait for more`() throws {
        for (text, end) in [("data: a\n\n", 9), ("data: a\r\r", 9), ("data: a\r\n\r\n", 10)] {
            var scanner = EventScanner()
            let bytes = ByteBuffer(string: text).single
            for (index, byte) in bytes.enumerated() {
                scanner.feed(byte)
                let event = try scanner.next()
                #expect((event?.data?.text == "a") == (index + 1 == end), "\(text.debugDescription) at \(index)")
            }
        }
    }

    @Test func `an event that arrived whole shares the memory it came in`() throws {
        let bytes = ByteBuffer(string: "data: one\n\ndata: two\n\n")
        var scanner = EventScanner()
        scanner.feed(bytes)
        let first = try #require(try scanner.next())
        let second = try #require(try scanner.next())
        #expect(first.raw.address == bytes.address)
        #expect(second.raw.address == bytes.address + 11)
        #expect(second.data?.address == bytes.address + 17)
    }

    @Test func `an event up to the bound passes and one beyond it is refused before more is kept`() throws {
        var scanner = EventScanner(eventLengthMax: 100)
        scanner.feed(ByteBuffer(string: "data: " + String(repeating: "x", count: 92) + "\n\n"))
        #expect(try scanner.next()?.raw.readableBytes == 100)
        scanner.feed(ByteBuffer(string: "data: " + String(repeating: "x", count: 94)))
        #expect(try scanner.next() == nil)
        scanner.feed(ByteBuffer(string: "x"))
        #expect(throws: Fault.self) { try scanner.next() }
    }

    @Test func `a long event in many pieces is copied a bounded number of times`() throws {
        var scanner = EventScanner()
        let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1_024)
        scanner.feed(ByteBuffer(string: "data: "))
        #expect(try scanner.next() == nil)
        // Copied anew for each piece, this would move 4.5 GB and take the test's whole minute.
        for _ in 0..<3_000 {
            scanner.feed(piece)
            #expect(try scanner.next() == nil)
        }
        scanner.feed(ByteBuffer(string: "\n\n"))
        #expect(try scanner.next()?.data?.readableBytes == 3_000 * 1_024)
    }
}
