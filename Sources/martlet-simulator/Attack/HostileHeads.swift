/// Every way that RFC 9112 names, and that published attacks used, to make two readers disagree about where a request
/// ends or whom it is for.
enum HostileHeads {
    /// What stands behind `POST …` and its good fields.
    static let fields = [
        // Both lengths (6.3), and either of them twice or in a list.
        "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n0\r\n\r\n",
        "content-length: 2\r\ncontent-length: 3\r\n\r\n{}", "content-length: 2\r\ncontent-length: 2\r\n\r\n{}",
        "content-length: 2, 2\r\n\r\n{}", "content-length: +2\r\n\r\n{}", "content-length: -2\r\n\r\n{}",
        "content-length: 0x2\r\n\r\n{}", "content-length: 2 2\r\n\r\n{}", "content-length: \r\n\r\n",
        "content-length: 18446744073709551618\r\n\r\n{}", "content-length: 2_0\r\n\r\n{}",
        "content-length: \u{FF12}\r\n\r\n{}", "content-length: 2;q=1\r\n\r\n{}",
        // Encodings that one reader knows and another does not.
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chun\u{212A}ed\r\n\r\n0\r\n\r\n",
        "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n", "transfer-encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked;q=1\r\n\r\n0\r\n\r\n", "transfer-encoding: \u{B}chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding:\r\n\r\n0\r\n\r\n", "transfer-encoding: identity\r\n\r\n{}",
        "content-length: 5\r\ntransfer-encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        // Names that one reader repairs (5.1), and folded lines (5.2).
        "transfer-encoding : chunked\r\n\r\n0\r\n\r\n", "content-length : 2\r\n\r\n{}",
        " transfer-encoding: chunked\r\n\r\n0\r\n\r\n", "x: y\r\n transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "x:\r\n\tcontent-length: 2\r\n\r\n{}", "transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "transfer\u{0}encoding: chunked\r\n\r\n0\r\n\r\n", ": chunked\r\n\r\n", "x y: z\r\n\r\n", "no colon\r\n\r\n",
        "\u{E4}: z\r\n\r\n", "content-length\t: 2\r\n\r\n{}", "(content-length): 2\r\n\r\n{}",
        // Values that hide a line.
        "x: y\u{0}z\r\n\r\n", "x: y\u{7F}\r\n\r\n", "x: y\rcontent-length: 2\r\n\r\n{}", "x: \u{1}\r\n\r\n",
        // Line ends (2.2).
        "x: y\ncontent-length: 2\n\n{}", "x: y\n\r\ncontent-length: 2\r\n\r\n{}", "\r\r\n", "x: y\r\n\r\r\n",
        "content-length: 2\r\n\n{}",
        // Whom it is for (3.2).
        "host: other\r\n\r\n", "Host: other\r\n\r\n", "host:\r\n\r\n",
    ]

    /// What stands behind a head with `transfer-encoding: chunked`.
    static let chunks = [
        "\r\n", "x\r\n", "-1\r\nx\r\n", "+1\r\nx\r\n", "0x1\r\nx\r\n", " 1\r\nx\r\n", "1 \r\nx\r\n", "1\nx\r\n",
        "1\r\nx\n", "1\r\nxy\r\n", "1\r\nx\r\r\n", "1\rx\r\n", "1;\r\nx\r\n", "1;a=\r\nx\r\n", "1;a=\"b\r\nx\r\n",
        "1;a=\"b\"c\r\nx\r\n", "1;a\nx\r\n", "1;a\u{0}\r\nx\r\n", "10000000000000000\r\nx", "ffffffffffffffff\r\nx",
        "fffffffffffffffffffffffffffffffff\r\nx", "1;" + String(repeating: "a", count: 300) + "\r\nx\r\n",
        "0\r\n\n", "0\r\nx\r\n\r\n", "0\r\n x: y\r\n\r\n", "0\r\nx : y\r\n\r\n", "0\r\nx: y\n\r\n",
        "0\r\ncontent-length: 5\r\n\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\nhost: b\r\n\r\n",
        "0\r\nx: " + String(repeating: "a", count: 20_000) + "\r\n\r\n",
        String(repeating: "1;" + String(repeating: "a", count: 200) + "\r\nx\r\n", count: 100),
    ]

    /// Start lines, each behind nothing at all.
    static let lines = [
        "POST  /v1/chat/completions HTTP/1.1", "POST /v1/chat/completions  HTTP/1.1",
        "POST /v1/chat/completions x HTTP/1.1", "POST\t/v1/chat/completions\tHTTP/1.1",
        "POST /v1/chat/completions HTTP/1.1 ", "POST /v1/chat/completions HTTP/1.2",
        "POST /v1/chat/completions HTTP/2.0", "POST /v1/chat/completions HTTP/01.1",
        "POST /v1/chat/completions http/1.1", "post /v1/chat/completions HTTP/1.1",
        " POST /v1/chat/completions HTTP/1.1",
        "POST v1/chat/completions HTTP/1.1", "POST /v1/chat/completions#x HTTP/1.1",
        "POST /v1/chat/completions\u{0} HTTP/1.1", "POST http:///v1/chat/completions HTTP/1.1",
        "POST http://u@a/v1/chat/completions HTTP/1.1", "CONNECT node:443 HTTP/1.1", "\r\n\r\nPOST / HTTP/1.1",
        "POSTS /v1/chat/completions HTTP/1.1", "TRACE / HTTP/1.1", "POST /v1/chat/completions\r\nHTTP/1.1",
    ]
}
