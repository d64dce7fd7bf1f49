import NIOCore
import Testing

@testable import DataPlane

@Suite struct MessageWriterTests {
    @Test func `what is written is what a reader reads`() {
        for length in [0, 1, 9, 10, 15, 16, 17, 255, 256, 4_095, 4_096, 65_535, 65_536, 1_048_577] {
            var fields = Fields()
            fields.add("x-length", "\(length)")
            var out = ByteBuffer()
            MessageWriter.write(ReplyHead(status: 200, fields: fields), .chunks, into: &out)
            let body = [UInt8](repeating: 0x61, count: length)
            if length > 0 {
                MessageWriter.writeChunkLine(length, into: &out)
                out.writeBytes(body)
                out.writeStaticString(MessageWriter.chunkEnd)
            }
            out.writeStaticString(MessageWriter.lastChunk)
            let reading = Reading.replies(in: [out])
            #expect(reading.flaw == nil && reading.messages.map(\.isWhole) == [true], "\(length)")
            #expect(reading.messages.first?.body == body, "\(length)")
            #expect(reading.messages.first?.fields.first == "x-length: \(length)")
        }
    }

    @Test func `every status of ours has the name that its registry gives it`() {
        // RFC 9110, 15; 402 and 529 as they are in use.
        let names = [
            200: "OK", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden",
            404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict",
            413: "Content Too Large", 415: "Unsupported Media Type", 422: "Unprocessable Content",
            429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
            504: "Gateway Timeout", 529: "",
        ]
        for (status, name) in names {
            var out = ByteBuffer()
            MessageWriter.write(ReplyHead(status: status), .length, into: &out)
            #expect(String(buffer: out) == "HTTP/1.1 \(status) \(name)\r\n\r\n")
        }
    }

    @Test func `no value can become a line of its own`() {
        for bad in ["a\r\nx: y", "a\nb", "a\rb", "a\u{0}b", "a\u{7F}"] {
            var fields = Fields()
            fields.add("x-text", bad)
            var head = RequestHead(method: "GET", target: "/")
            head.fields = fields
            head.fields.add("host", "a")
            var out = ByteBuffer()
            MessageWriter.write(head, into: &out)
            let reading = Reading.requests(in: [out])
            #expect(reading.flaw == nil && reading.messages.first?.fields.count == 2, "\(bad.debugDescription)")
        }
    }
}
