import NIOCore
import Testing

@testable import martlet_simulator

@Suite struct ReaderTests {
    private static let stream = """
        HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
        8\r\ndata: 1\n\r\n1\r\n\n\r\n0000e\r\ndata: [DONE]\n\n\r\n0\r\nmore: 1\r\n\r\n
        """

    /// Every reply in `text`, told in two parts, cut at `cut`.
    private static func replies(_ text: String, cutAt cut: Int, closed: Bool = false) throws -> [ReplyReader.Reply] {
        var reader = ReplyReader()
        var replies: [ReplyReader.Reply] = []
        let bytes = Array(text.utf8)
        for part in [bytes[..<cut], bytes[cut...]] {
            var buffer = ByteBuffer(bytes: part)
            while buffer.readableBytes > 0 {
                if let reply = try reader.read(&buffer) { replies.append(reply) }
            }
        }
        if closed, let reply = reader.close() { replies.append(reply) }
        return replies
    }

    @Test func `a reply ends where its length or its last chunk says, however the bytes are cut`() throws {
        let text =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\ncontent-length: 5\r\nconnection: close\r\n\r\nfive!"
            + Self.stream + "HTTP/1.1 204 Nothing\r\n\r\n"
        for cut in 0...text.utf8.count {
            let replies = try Self.replies(text, cutAt: cut)
            #expect(replies.map(\.head.status) == [503, 200, 204], "cut at \(cut)")
            #expect(replies.map(\.events) == [0, 2, 0] && replies.map(\.hasEndMarker) == [false, true, false])
            #expect(replies.map(\.head.isClosing) == [true, false, false])
        }
    }

    @Test func `a reply without a length ends with the connection, and any other does not`() throws {
        let endless = "HTTP/1.1 200 OK\r\n\r\ndata: 1\n\ndata: [DONE]\n\n"
        let reply = try #require(try Self.replies(endless, cutAt: 9, closed: true).first)
        #expect(reply.events == 2 && reply.hasEndMarker)
        #expect(try Self.replies("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1", cutAt: 3, closed: true).isEmpty)
    }

    @Test func `an end marker counts only at the very end`() throws {
        let text = "HTTP/1.1 200 OK\r\ncontent-length: 23\r\n\r\ndata: [DONE]\n\ndata: 1\n\n"
        #expect(try Self.replies(text, cutAt: 0).map(\.hasEndMarker) == [false])
    }

    @Test func `what is not HTTP is told apart`() {
        for text in ["SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"] {
            #expect(throws: HeadReader.Flaw.self) { try Self.replies(text, cutAt: 0) }
        }
    }

    @Test func `the light mode finds model and stream, however the bytes are cut`() throws {
        let body = #"{"model":"sim;chunks=2","stream":true,"messages":[]}"#
        let bytes = Array("POST /v1 HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
        for cut in 0...bytes.count {
            var reader = LightRequestReader()
            let found = try [bytes[..<cut], bytes[cut...]].compactMap { part in
                var buffer = ByteBuffer(bytes: part)
                return try reader.read(&buffer)
            }
            let wanted = LightRequest(model: "sim;chunks=2", isStream: true, isClosing: false)
            #expect(found == [wanted], "cut at \(cut)")
        }
    }
}
