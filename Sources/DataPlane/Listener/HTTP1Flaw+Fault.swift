internal import Domain

/// What a caller is told of bytes that are no request.
extension HTTP1Flaw {
    var fault: Fault {
        switch self {
        case .headTooLarge: Fault(.requestTooLarge, self.explanation)
        case .host: Fault(.invalidRequest, parameter: "host", self.explanation)
        case .contentLength: Fault(.invalidRequest, parameter: "content-length", self.explanation)
        case .transferEncoding: Fault(.invalidRequest, parameter: "transfer-encoding", self.explanation)
        case .startLine, .method, .target, .version, .fieldName, .fieldValue, .lineEnd, .chunk, .trailer, .cut:
            Fault(.invalidRequest, "The bytes sent are not an HTTP/1.1 request. \(self.explanation)")
        }
    }
}
