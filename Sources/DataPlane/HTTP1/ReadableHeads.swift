internal import NIOCore

extension RequestHead: ReadableHead {
    static let mayFollowEmptyLine = true

    static func read(_ startLine: Span<UInt8>, _ fields: Fields) throws(HTTP1Flaw) -> (head: Self?, body: Framing.Body)
    {
        let start = try RequestLine(startLine)
        try self.checkHost(fields, isHTTP10: start.isHTTP10)
        let framing = try Framing(request: fields, isHTTP10: start.isHTTP10)
        var head = RequestHead(method: start.method, target: start.target, fields: fields)
        head.takesChunks = !start.isHTTP10
        head.keepsAlive = framing.keepsAlive
        return (head, framing.body)
    }

    /// One `host` in HTTP/1.1, that names a host: two readers could take the request for different ones.
    private static func checkHost(_ fields: Fields, isHTTP10: Bool) throws(HTTP1Flaw) {
        guard let index = fields.index(of: "host") else {
            if isHTTP10 { return }
            throw .host
        }
        guard fields.count(of: "host") == 1 else { throw .host }
        let name = fields.bytes(at: index).readableBytesUInt8Span
        for place in name.indices where !name[place].isHostByte { throw .host }
    }
}

/// `HEAD` and `CONNECT` are never asked here, so a reply's own head says whether it has a body.
extension ReplyHead: ReadableHead {
    static let mayFollowEmptyLine = false

    static func read(_ startLine: Span<UInt8>, _ fields: Fields) throws(HTTP1Flaw) -> (head: Self?, body: Framing.Body)
    {
        let start = try StatusLine(startLine)
        guard start.status >= 200 else {
            // It would make this another protocol, which nobody asked for.
            guard start.status != 101 else { throw .startLine }
            return (nil, .none)
        }
        let framing = try Framing(reply: fields, status: start.status, isHTTP10: start.isHTTP10)
        var head = ReplyHead(status: start.status, fields: fields)
        head.isDelimited = framing.body != .untilClose
        head.keepsAlive = framing.keepsAlive
        return (head, framing.body)
    }
}
