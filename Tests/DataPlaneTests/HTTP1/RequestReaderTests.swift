import NIOCore
import Testing

@testable import DataPlane

@Suite struct RequestReaderTests {
    static let good = [
        "GET / HTTP/1.1\r\nhost: a\r\n\r\n", "GET /v1/models?x=1&y=%2F HTTP/1.1\r\nHost:a\r\n\r\n",
        "POST /v1 HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello",
        "POST /v1 HTTP/1.1\r\nhost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n",
        "POST /v1 HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
            + "1;n=v;q=\"a \\\" b\";flag\r\nx\r\n000\r\nexpires: never\r\nx-sum:\t1\r\n\r\n",
        "GET http://node:8480/v1/models HTTP/1.1\r\nhost: node:8480\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nhost: [::1]:8480\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nconnection: keep-alive , Close\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nx-text: \u{E4}\t\u{1F600} \t\r\nx-empty:\r\nX!#$%&'*+-.^_`|~9: y\r\n\r\n",
        "POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}GET /b HTTP/1.1\r\nhost: a\r\n\r\n",
    ]

    @Test func `what the world sends is read`() {
        let expected: [[Understood]] = [
            [.init(start: "GET /", fields: ["host: a"], isWhole: true)],
            [.init(start: "GET /v1/models?x=1&y=%2F", fields: ["host: a"], isWhole: true)],
            [
                .init(
                    start: "POST /v1",
                    fields: ["host: a", "content-length: 5"],
                    body: Array("hello".utf8),
                    isWhole: true
                )
            ],
            [
                .init(
                    start: "POST /v1",
                    fields: ["host: a", "transfer-encoding: Chunked"],
                    body: Array("hello0123456789".utf8),
                    isWhole: true
                )
            ],
            [
                .init(
                    start: "POST /v1",
                    fields: ["host: a", "transfer-encoding: chunked"],
                    body: Array("x".utf8),
                    isWhole: true
                )
            ],
            [.init(start: "GET http://node:8480/v1/models", fields: ["host: node:8480"], isWhole: true)],
            [.init(start: "OPTIONS *", fields: ["host: [::1]:8480"], isWhole: true)],
            [.init(start: "GET / close", fields: [], isWhole: true)],
            [.init(start: "GET /", fields: ["connection: keep-alive"], isWhole: true)],
            [.init(start: "GET / close", fields: ["host: a", "connection: keep-alive , Close"], isWhole: true)],
            [.init(start: "GET /", fields: ["host: a"], isWhole: true)],
            [
                .init(
                    start: "GET /",
                    fields: ["host: a", "x-text: \u{E4}\t\u{1F600}", "x-empty: ", "x!#$%&'*+-.^_`|~9: y"],
                    isWhole: true
                )
            ],
            [
                .init(
                    start: "POST /a",
                    fields: ["host: a", "content-length: 2"],
                    body: Array("{}".utf8),
                    isWhole: true
                ),
                .init(start: "GET /b", fields: ["host: a"], isWhole: true),
            ],
        ]
        for (text, messages) in zip(Self.good, expected) {
            #expect(Reading.requests(in: text) == Reading(messages: messages), "\(text.debugDescription)")
        }
        #expect(Self.good.count == expected.count)
    }

    @Test func `requests are the same however their bytes are cut`() {
        for text in Self.good + Self.smuggling.map(\.text) {
            let whole = Reading.requests(in: text)
            #expect(Reading.requests(in: text.cutEverywhere) == whole, "\(text.debugDescription)")
            for pieces in text.cutOnce { #expect(Reading.requests(in: pieces) == whole, "\(text.debugDescription)") }
        }
    }

    /// Every way that RFC 9112 names, and that published attacks used, to make two readers disagree about where a
    /// request ends or whom it is for.
    static let smuggling: [(text: String, flaw: HTTP1Flaw)] =
        [
            // Both lengths (6.3), and either of them twice or in a list.
            (
                "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                .transferEncoding
            ),
            (
                "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n",
                .transferEncoding
            ),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx", .contentLength),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nxx", .contentLength),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2, 2\r\n\r\nxx", .contentLength),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: +2\r\n\r\nxx", .contentLength),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\nxx", .contentLength),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0x2\r\n\r\nxx", .contentLength),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2 2\r\n\r\nxx", .contentLength),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: \r\n\r\n", .contentLength),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 18446744073709551618\r\n\r\nxx", .contentLength),
            // Encodings that one reader knows and another does not.
            (
                "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n",
                .transferEncoding
            ),
            ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, chunked\r\n\r\n", .transferEncoding),
            ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n", .transferEncoding),
            ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n", .transferEncoding),
            // The Kelvin sign, whose small letter is a k to Unicode and to nobody else.
            ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chun\u{212A}ed\r\n\r\n", .transferEncoding),
            ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: \"chunked\"\r\n\r\n", .transferEncoding),
            ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked;q=1\r\n\r\n", .transferEncoding),
            ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: \u{B}chunked\r\n\r\n", .fieldValue),
            ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding:\r\n\r\n", .transferEncoding),
            ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\t\r\n\r\n", .transferEncoding),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2 \r\n\r\nxx", .contentLength),
            ("POST / HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", .transferEncoding),
            // Names that one reader repairs (5.1).
            ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding : chunked\r\n\r\n", .fieldName),
            ("POST / HTTP/1.1\r\nhost: a\r\n transfer-encoding: chunked\r\n\r\n", .fieldName),
            ("POST / HTTP/1.1\r\nhost: a\r\nx: y\r\n transfer-encoding: chunked\r\n\r\n", .fieldName),
            ("POST / HTTP/1.1\r\nhost: a\r\ntransfer\u{0}encoding: chunked\r\n\r\n", .fieldName),
            ("POST / HTTP/1.1\r\nhost: a\r\n: chunked\r\n\r\n", .fieldName),
            ("POST / HTTP/1.1\r\nhost: a\r\nx y: z\r\n\r\n", .fieldName),
            ("POST / HTTP/1.1\r\nhost: a\r\nno colon\r\n\r\n", .fieldName),
            ("POST / HTTP/1.1\r\nhost: a\r\n\u{E4}: z\r\n\r\n", .fieldName),
            (" GET / HTTP/1.1\r\nhost: a\r\n\r\n", .startLine),
            ("GET / HTTP/1.1\r\n host: a\r\n\r\n", .fieldName),
            // Values that hide a line.
            ("GET / HTTP/1.1\r\nhost: a\r\nx: y\u{0}z\r\n\r\n", .fieldValue),
            ("GET / HTTP/1.1\r\nhost: a\r\nx: y\u{7F}\r\n\r\n", .fieldValue),
            ("GET / HTTP/1.1\r\nhost: a\r\nx: y\rz\r\n\r\n", .lineEnd),
            // Line ends (2.2).
            ("GET / HTTP/1.1\nhost: a\n\n", .lineEnd), ("GET / HTTP/1.1\r\nhost: a\nx: y\r\n\r\n", .lineEnd),
            ("GET / HTTP/1.1\r\nhost: a\r\n\nGET /b HTTP/1.1\r\n\r\n", .lineEnd),
            ("GET / HTTP/1.1\r\nhost: a\r\n\r\r\n", .lineEnd), ("GET / HTTP/1.1\r\r\nhost: a\r\n\r\n", .lineEnd),
            ("\nGET / HTTP/1.1\r\nhost: a\r\n\r\n", .startLine),
            ("\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n", .startLine),
            // Start lines (3).
            ("GET  / HTTP/1.1\r\nhost: a\r\n\r\n", .target), ("GET /  HTTP/1.1\r\nhost: a\r\n\r\n", .target),
            ("GET / x HTTP/1.1\r\nhost: a\r\n\r\n", .target), ("GET /\tHTTP/1.1\r\nhost: a\r\n\r\n", .startLine),
            ("GET / HTTP/1.1 \r\nhost: a\r\n\r\n", .startLine), ("GET /\r\n\r\n", .startLine),
            ("GET / HTTP/1.2\r\nhost: a\r\n\r\n", .version), ("GET / HTTP/2.0\r\nhost: a\r\n\r\n", .version),
            ("GET / HTTP/01.1\r\nhost: a\r\n\r\n", .version), ("GET / http/1.1\r\nhost: a\r\n\r\n", .startLine),
            ("get / HTTP/1.1\r\nhost: a\r\n\r\n", .startLine), ("GETS / HTTP/1.1\r\nhost: a\r\n\r\n", .method),
            ("CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n", .method), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .version),
            ("GET a HTTP/1.1\r\nhost: a\r\n\r\n", .target), ("GET /a#b HTTP/1.1\r\nhost: a\r\n\r\n", .target),
            ("GET /\u{E4} HTTP/1.1\r\nhost: a\r\n\r\n", .target), ("GET * HTTP/1.1\r\nhost: a\r\n\r\n", .target),
            ("GET http:///x HTTP/1.1\r\nhost: a\r\n\r\n", .target),
            ("GET http://u@a/ HTTP/1.1\r\nhost: a\r\n\r\n", .target),
            ("\u{16}\u{3}\u{1}\u{2}\u{0}", .startLine), ("{\"model\":\"x\"}\r\n\r\n", .startLine),
            // Whom it is for (3.2).
            ("GET / HTTP/1.1\r\n\r\n", .host), ("GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n", .host),
            ("GET / HTTP/1.1\r\nhost: a\r\nHost: b\r\n\r\n", .host), ("GET / HTTP/1.1\r\nhost: a b\r\n\r\n", .host),
            ("GET / HTTP/1.1\r\nhost: a, b\r\n\r\n", .host), ("GET / HTTP/1.1\r\nhost: u@a\r\n\r\n", .host),
            ("GET / HTTP/1.1\r\nhost: a/b\r\n\r\n", .host), ("GET / HTTP/1.0\r\nhost: a\r\nhost: b\r\n\r\n", .host),
        ]
        + Self.badChunks.map { ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n" + $0.text, $0.flaw) }

    private static let badChunks: [(text: String, flaw: HTTP1Flaw)] = [
        ("\r\n", .chunk), ("x\r\n", .chunk), ("-1\r\nx\r\n", .chunk), ("+1\r\nx\r\n", .chunk), ("0x1\r\nx\r\n", .chunk),
        (" 1\r\nx\r\n", .chunk), ("1 \r\nx\r\n", .chunk), ("1\nx\r\n", .chunk), ("1\r\nx\n", .chunk),
        ("1\r\nxy\r\n", .chunk),
        ("1\r\nx\r\r\n", .chunk), ("1\rx\r\n", .chunk), ("1;\r\nx\r\n", .chunk), ("1; a\r\nx\r\n", .chunk),
        ("1;a=\r\nx\r\n", .chunk), ("1;a=\"b\r\nx\r\n", .chunk), ("1;a=\"b\"c\r\nx\r\n", .chunk),
        ("1;a\nx\r\n", .chunk),
        ("1;a\u{0}\r\nx\r\n", .chunk), ("10000000000000000\r\nx", .chunk), ("ffffffffffffffff\r\nx", .chunk),
        ("1;" + String(repeating: "a", count: 300) + "\r\nx\r\n", .chunk), ("0\r\n\n", .trailer),
        ("0\r\nx\r\n\r\n", .trailer),
        ("0\r\n x: y\r\n\r\n", .trailer), ("0\r\nx : y\r\n\r\n", .trailer), ("0\r\nx: y\n\r\n", .trailer),
        ("0\r\ncontent-length: 5\r\n\r\n", .trailer), ("0\r\nTransfer-Encoding: chunked\r\n\r\n", .trailer),
        ("0\r\nhost: b\r\n\r\n", .trailer), ("0\r\nx: " + String(repeating: "a", count: 20_000) + "\r\n\r\n", .trailer),
        (String(repeating: "1;" + String(repeating: "a", count: 200) + "\r\nx\r\n", count: 100), .chunk),
    ]

    @Test func `whatever two readers could take for different requests is refused`() {
        for (text, flaw) in Self.smuggling {
            let reading = Reading.requests(in: text)
            #expect(reading.flaw == flaw, "\(text.prefix(120).debugDescription)")
            #expect(!reading.messages.contains { $0.isWhole }, "\(text.prefix(120).debugDescription)")
        }
    }

    @Test func `after a flaw nothing more is read`() {
        var reader = RequestReader()
        reader.feed(ByteBuffer(string: "GET / HTTP/1.1\nhost: a\r\n\r\n"))
        for _ in 0..<2 { #expect(throws: HTTP1Flaw.lineEnd) { try reader.next() } }
        reader.feed(ByteBuffer(string: Self.good[0]))
        #expect(throws: HTTP1Flaw.lineEnd) { try reader.next() }
    }

    @Test func `a head is bounded in bytes and fields, whether or not it ends`() {
        let start = "GET / HTTP/1.1\r\nhost: a\r\n"
        func padded(to bytes: Int, ends: Bool) -> String {
            let rest = bytes - start.utf8.count - (ends ? 4 : 0) - "x: ".utf8.count
            return start + "x: " + String(repeating: "y", count: rest) + (ends ? "\r\n\r\n" : "")
        }
        let max = HTTP1Bounds.headBytesMax
        #expect(Reading.requests(in: padded(to: max, ends: true)).messages.count == 1)
        #expect(Reading.requests(in: padded(to: max + 1, ends: true)).flaw == .headTooLarge)
        #expect(Reading.requests(in: padded(to: max, ends: false)).flaw == nil)
        #expect(Reading.requests(in: padded(to: max + 1, ends: false)).flaw == .headTooLarge)
        let line = "x: y\r\n"
        let fields = HTTP1Bounds.fieldsMax - 1
        #expect(Reading.requests(in: start + String(repeating: line, count: fields) + "\r\n").messages.count == 1)
        #expect(Reading.requests(in: start + String(repeating: line, count: fields + 1) + "\r\n").flaw == .headTooLarge)
    }

    @Test func `a body shares the memory of what was received`() throws {
        var reader = RequestReader()
        let text = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello"
        let received = ByteBuffer(string: text)
        reader.feed(received)
        _ = try reader.next()
        guard case .body(let body) = try reader.next() else { return #expect(Bool(false), "a body") }
        #expect(body.storageCapacity == received.storageCapacity && reader.pendingBytes == 0)
    }
}
