internal import NIOCore

/// Messages → bytes (RFC 9112). A head is written in one piece; a body is written beside it.
///
/// Short pieces of a body are copied behind what is to be written anyway: below `copiedMax` that costs less than
/// handing the socket one more piece.
enum MessageWriter {
    static let copiedMax = 16 * 1_024

    /// How the end of a reply's body is told.
    enum Delimiter: Hashable {
        case length
        case chunks
        /// The end of the connection: for peers that know no chunks.
        case close
    }

    /// `hasBody` is false for a reply to `HEAD`: it has none, whatever its head says.
    static func delimiter(of head: ReplyHead, hasBody: Bool, takesChunks: Bool) -> Delimiter {
        if !hasBody || head.fields.index(of: "content-length") != nil { return .length }
        return takesChunks ? .chunks : .close
    }

    static func write(_ head: RequestHead, into out: inout ByteBuffer) {
        out.writeString(head.method)
        out.writeInteger(UInt8(ascii: " "))
        out.writeString(head.target)
        out.writeStaticString(" HTTP/1.1\r\n")
        out.writeImmutableBuffer(head.fields.lines)
        out.writeStaticString("\r\n")
    }

    static func write(_ head: ReplyHead, _ delimiter: Delimiter, into out: inout ByteBuffer) {
        self.writeStatus(head.status, into: &out)
        out.writeImmutableBuffer(head.fields.lines)
        switch delimiter {
        case .chunks: out.writeStaticString("transfer-encoding: chunked\r\n\r\n")
        case .length, .close: out.writeStaticString("\r\n")
        }
    }

    static let proceed: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"
    static let chunkEnd: StaticString = "\r\n"
    static let lastChunk: StaticString = "0\r\n\r\n"

    /// The line before a chunk of so many bytes.
    static func writeChunkLine(_ length: Int, into out: inout ByteBuffer) {
        var shift = 0
        while length >> shift > 15 { shift += 4 }
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: length >> shift & 15)
            out.writeInteger(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
            shift -= 4
        }
        out.writeStaticString("\r\n")
    }

    private static func writeStatus(_ status: Int, into out: inout ByteBuffer) {
        if status == 200 {
            out.writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            out.writeString("HTTP/1.1 \(status) \(self.reason(status))\r\n")
        }
    }

    /// As RFC 9110 names what a node or its providers answer with; nobody reads it but people.
    private static func reason(_ status: Int) -> String {
        switch status {
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: ""
        }
    }
}
