import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import DataPlane

/// Our readers beside the library's llhttp decoder on spoilt bytes: what ours takes, the library takes too, and
/// understands the same by it. The other way round nothing is promised: ours is the stricter one.
@Suite struct OracleTests {
    private static let rounds = 10_000

    private static let requests = [
        "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nx-a: b c\r\n\r\nhello world",
        "POST /v1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"
            + "5;a=b;c=\"d e\"\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nx-t: 1\r\n\r\n",
        "GET http://a:80/v1/models?x=1 HTTP/1.1\r\nhost: a\r\naccept: */*\r\n\r\n",
        "GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
    ]

    private static let replies = [
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\nhello world",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\na;x=y\r\n0123456789\r\n0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nuntil the end",
    ]

    @Test func `what our request reader takes, llhttp takes for the same`() throws {
        let taken = try Self.compare(Self.requests, Reading.requests(in:), Self.libraryRequests)
        #expect(taken > Self.rounds / 2, "the comparison must have something to compare")
    }

    @Test func `what our reply reader takes, llhttp takes for the same`() throws {
        let taken = try Self.compare(Self.replies, Reading.replies(in:), Self.libraryReplies)
        #expect(taken > Self.rounds / 4, "the comparison must have something to compare")
    }

    /// How many messages ours took whole; each that the library does not take for the same is an issue.
    private static func compare(
        _ texts: [String],
        _ read: ([ByteBuffer]) -> Reading,
        _ library: ([UInt8]) throws -> [Understood]
    ) throws -> Int {
        var generator = SeededGenerator.printed()
        var taken = 0
        for _ in 0..<Self.rounds {
            let bytes = Self.spoilt(texts, &generator)
            // A tab is a blank around a list's members (RFC 9110, 5.6.3); llhttp does not know it there and ends the
            // connection after such a message, so that there is nothing behind it to compare.
            let text = String(decoding: bytes, as: UTF8.self).lowercased()
            if text.contains("keep-alive\t") || text.contains("\tkeep-alive") { continue }
            let ours = Self.upToClose(read([ByteBuffer(bytes: bytes)]))
            guard !ours.isEmpty else { continue }
            taken += ours.count
            Self.compare(ours, try library(bytes), bytes)
        }
        return taken
    }

    /// Nobody reads on behind a message whose sender said that it is the last.
    private static func upToClose(_ reading: Reading) -> [Understood] {
        let whole = reading.messages.filter(\.isWhole)
        let last = whole.firstIndex { $0.start.hasSuffix(" close") } ?? whole.count
        return Array(whole.prefix(last + 1))
    }

    private static func compare(_ ours: [Understood], _ theirs: [Understood], _ bytes: [UInt8]) {
        let isSame =
            theirs.count >= ours.count
            && zip(ours, theirs).allSatisfy {
                $0.body == $1.body && $0.fields == $1.fields && $0.start.hasPrefix($1.start)
            }
        if !isSame {
            Issue.record("\(String(decoding: bytes, as: UTF8.self).debugDescription)\nours \(ours)\ntheirs \(theirs)")
        }
    }

    /// One or two messages, with a few places cut out, repeated, overwritten or swapped for what confuses readers.
    private static func spoilt(_ texts: [String], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
            bytes += Array((texts.randomElement(using: &generator) ?? "").utf8)
        }
        let tokens = [
            "\r\n", "\n", "\r", " ", "\t", ":", "0", ";", "\"", ",", "chunked", "content-length: 3\r\n", "\u{0}",
            "\u{7F}", "\u{FF}",
        ]
        for _ in 0..<Int.random(in: 0...3, using: &generator) where bytes.count > 4 {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            let length = min(Int.random(in: 1...12, using: &generator), bytes.count - place)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes.removeSubrange(place..<(place + length))
            case 1: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
            case 2: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 3: bytes[place] ^= 0x20
            case 4: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: Array((tokens.randomElement(using: &generator) ?? "").utf8), at: place)
            }
        }
        return bytes
    }

    private static func libraryRequests(_ bytes: [UInt8]) throws -> [Understood] {
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes))
        let channel = EmbeddedChannel(handler: decoder)
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        do { try channel.writeInbound(ByteBuffer(bytes: bytes)) } catch {
            // What came before the error counts.
        }
        var messages: [Understood] = []
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                messages.append(.init(start: "\(head.method.rawValue) \(head.uri)", fields: head.headers.lines))
            case .body(let body): messages[messages.count - 1].body += Array(body.readableBytesView)
            case .end: messages[messages.count - 1].isWhole = true
            }
        }
        return messages.filter(\.isWhole)
    }

    private static func libraryReplies(_ bytes: [UInt8]) throws -> [Understood] {
        let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop)
        let channel = EmbeddedChannel(handlers: [RequestMethods(), ByteToMessageHandler(decoder)])
        for _ in 0..<8 {
            let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/")
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
        }
        do {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
            _ = try channel.finish(acceptAlreadyClosed: true)
        } catch {
            // What came before the error counts.
        }
        var messages: [Understood] = []
        while let part = try channel.readInbound(as: HTTPClientResponsePart.self) {
            switch part {
            case .head(let head): messages.append(.init(start: "\(head.status.code)", fields: head.headers.lines))
            case .body(let body): messages[messages.count - 1].body += Array(body.readableBytesView)
            case .end: messages[messages.count - 1].isWhole = true
            }
        }
        return messages.filter(\.isWhole)
    }
}

/// Swallows the requests that the decoder has to see before it believes a reply.
private final class RequestMethods: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) { promise?.succeed(()) }
}

extension HTTPHeaders {
    fileprivate var lines: [String] {
        self.map { field in
            // It keeps white space behind a value; HTTP says that it belongs to none.
            let value = field.value.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
            return "\(field.name.lowercased()): \(String(value))"
        }
    }
}
