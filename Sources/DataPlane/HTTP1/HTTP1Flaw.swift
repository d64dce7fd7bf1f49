/// Why bytes are not a message of HTTP/1.1, or not one that all readers would take for the same.
enum HTTP1Flaw: Error, Hashable, CaseIterable {
    case headTooLarge
    case startLine
    case method
    case target
    case version
    case fieldName
    case fieldValue
    case lineEnd
    case host
    case contentLength
    case transferEncoding
    case chunk
    case trailer
    /// The connection ended inside a message.
    case cut

    /// For the sender: what is wrong, in words that help to find it.
    var explanation: String {
        switch self {
        case .headTooLarge:
            "The header is longer than \(HTTP1Bounds.headBytesMax / 1_024) KiB or has more than \(HTTP1Bounds.fieldsMax) fields. Send less."
        case .startLine: "The first line is not 'METHOD /path HTTP/1.1' with single spaces."
        case .method: "The method is none of GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS."
        case .target:
            "The request target is neither a path nor a full http or https URL, or has characters that need percent-encoding."
        case .version: "The version is neither HTTP/1.1 nor HTTP/1.0."
        case .fieldName:
            "A header field's name is empty or has characters that names cannot have; spaces before the colon and folded lines are refused."
        case .fieldValue: "A header field's value has control characters."
        case .lineEnd: "Lines of a header end with CR and LF; one ended with only one of them."
        case .host: "A request has one 'host' header that names a host. Send it once."
        case .contentLength: "The 'content-length' header is not one decimal number."
        case .transferEncoding:
            "The 'transfer-encoding' header is only taken as 'chunked', once, without 'content-length' and not in HTTP/1.0."
        case .chunk: "A chunk's size or end is not as HTTP/1.1 writes it."
        case .trailer: "The fields behind the last chunk are not header fields, or are fields that may not stand there."
        case .cut: "The connection ended inside a message."
        }
    }
}
