import NIOCore
import Testing

@testable import DataPlane

@Suite struct ReplyReaderTests {
    static let good: [(text: String, messages: [Understood])] = [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            [.init(start: "200", fields: ["content-length: 2"], body: Array("{}".utf8), isWhole: true)]
        ),
        (
            "HTTP/1.1 200 \r\ntransfer-encoding: chunked\r\n\r\n2;x\r\n{}\r\n0\r\nx-took: 1\r\n\r\n",
            [.init(start: "200", fields: ["transfer-encoding: chunked"], body: Array("{}".utf8), isWhole: true)]
        ),
        (
            "HTTP/1.1 429\r\ncontent-length: 0\r\n\r\n",
            [.init(start: "429", fields: ["content-length: 0"], isWhole: true)]
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            [.init(start: "204", fields: [], isWhole: true)]
        ),
        (
            "HTTP/1.1 200 OK\r\n\r\nto the end",
            [.init(start: "200 open close", fields: [], body: Array("to the end".utf8), isWhole: true)]
        ),
        (
            "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx",
            [.init(start: "200 close", fields: ["content-length: 1"], body: [0x78], isWhole: true)]
        ),
        (
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx",
            [
                .init(
                    start: "200 close",
                    fields: ["connection: close", "content-length: 1"],
                    body: [0x78],
                    isWhole: true
                )
            ]
        ),
        (
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            [
                .init(start: "304", fields: ["content-length: 9"], isWhole: true),
                .init(start: "200", fields: ["content-length: 0"], isWhole: true),
            ]
        ),
    ]

    static let bad: [(text: String, flaw: HTTP1Flaw)] = [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n{}", .contentLength),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n", .transferEncoding),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n", .transferEncoding),
        ("HTTP/1.1 200 OK\ncontent-length: 2\n\n{}", .lineEnd), ("HTTP/1.1 200 OK\r\nx : y\r\n\r\n", .fieldName),
        ("HTTP/1.1 2000 OK\r\n\r\n", .startLine), ("HTTP/1.1 20 OK\r\n\r\n", .startLine),
        ("HTTP/1.1 099 OK\r\n\r\n", .startLine), ("HTTP/1.1 600 OK\r\n\r\n", .startLine),
        ("HTTP/2 200 OK to you\r\n\r\n", .startLine), ("HTTP/1.9 200 OK\r\n\r\n", .version),
        ("HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n", .startLine),
        ("HTTP/1.0 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", .startLine),
        ("SSH-2.0-OpenSSH\r\n\r\n", .startLine),
        (String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 17), .startLine),
        ("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}", .cut), ("HTTP/1.1 200 OK\r\ncontent-le", .cut),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", .cut),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", .cut),
    ]

    @Test func `replies of all kinds are read, interim ones dropped`() {
        for (text, messages) in Self.good {
            #expect(Reading.replies(in: text) == Reading(messages: messages), "\(text.debugDescription)")
        }
    }

    @Test func `a reply that could be read in two ways, or is cut short, is a flaw`() {
        for (text, flaw) in Self.bad { #expect(Reading.replies(in: text).flaw == flaw, "\(text.debugDescription)") }
    }

    @Test func `replies are the same however their bytes are cut`() {
        for text in Self.good.map(\.text) + Self.bad.map(\.text) {
            let whole = Reading.replies(in: text)
            #expect(Reading.replies(in: text.cutEverywhere) == whole, "\(text.debugDescription)")
            for pieces in text.cutOnce { #expect(Reading.replies(in: pieces) == whole, "\(text.debugDescription)") }
        }
    }
}
