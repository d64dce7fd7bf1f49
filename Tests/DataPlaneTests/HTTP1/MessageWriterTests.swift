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
        for status in [200, 400, 401, 402, 403, 404, 405, 408, 413, 415, 422, 429, 500, 502, 503, 504, 529] {
            var out = ByteBuffer()
            MessageWriter.write(ReplyHead(status: status), .length, into: &out)
            let line = String(buffer: out).prefix { $0 != "\r\n" }
            #expect(line.hasPrefix("HTTP/1.1 \(status) ") && (status == 529 || line.utf8.count > 14), "\(line)")
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
