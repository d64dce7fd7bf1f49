internal import NIOCore

/// How long a message's body is, and what its head says of the connection (RFC 9112, 6 and 9.3).
///
/// Wherever two readers could come to different lengths, there is no answer but a refusal: that is the whole of the
/// defence against smuggled requests.
struct Framing: Hashable {
    enum Body: Hashable {
        case none
        case length(Int)
        case chunked
        /// Only replies: the body ends with the connection.
        case untilClose
    }

    let body: Body
    let keepsAlive: Bool

    /// Of a request.
    init(request fields: Fields, isHTTP10: Bool) throws(HTTP1Flaw) {
        let coding = try Self.isChunked(fields, isHTTP10: isHTTP10)
        let length = try Self.length(fields)
        guard !coding || length == nil else { throw .transferEncoding }
        self.body = coding ? .chunked : length.map { $0 == 0 ? .none : .length($0) } ?? .none
        self.keepsAlive = Self.keepsAlive(fields, isHTTP10: isHTTP10)
    }

    /// Of a reply to a request that was not `HEAD`.
    init(reply fields: Fields, status: Int, isHTTP10: Bool) throws(HTTP1Flaw) {
        let coding = try Self.isChunked(fields, isHTTP10: isHTTP10)
        let length = try Self.length(fields)
        guard !coding || length == nil else { throw .transferEncoding }
        let keepsAlive = Self.keepsAlive(fields, isHTTP10: isHTTP10)
        if status == 204 || status == 304 {
            self.body = .none
        } else if coding {
            self.body = .chunked
        } else {
            self.body = length.map { $0 == 0 ? .none : .length($0) } ?? .untilClose
        }
        self.keepsAlive = keepsAlive && self.body != .untilClose
    }

    private static func length(_ fields: Fields) throws(HTTP1Flaw) -> Int? {
        guard let index = fields.index(of: "content-length") else { return nil }
        guard fields.count(of: "content-length") == 1, fields.endsCleanly(at: index) else { throw .contentLength }
        let digits = fields.bytes(at: index).readableBytesUInt8Span
        // Eighteen digits cannot overflow.
        guard (1...18).contains(digits.count) else { throw .contentLength }
        var length = 0
        for place in digits.indices {
            guard digits[place].isDigit else { throw .contentLength }
            length = length * 10 + Int(digits[place] - 0x30)
        }
        return length
    }

    private static func isChunked(_ fields: Fields, isHTTP10: Bool) throws(HTTP1Flaw) -> Bool {
        guard let index = fields.index(of: "transfer-encoding") else { return false }
        guard !isHTTP10, fields.count(of: "transfer-encoding") == 1, fields.endsCleanly(at: index),
            fields.hasValue("chunked", endedBy: [], at: index)
        else { throw .transferEncoding }
        return true
    }

    private static func keepsAlive(_ fields: Fields, isHTTP10: Bool) -> Bool {
        guard let first = fields.index(of: "connection") else { return !isHTTP10 }
        var asksClose = false
        var asksKeepAlive = false
        for index in first..<fields.count where fields.isNamed("connection", at: index) {
            for option in fields.value(at: index).lowercasedASCII.split(separator: ",") {
                let name = option.trimming { $0 == " " || $0 == "\t" }
                asksClose = asksClose || name == "close"
                asksKeepAlive = asksKeepAlive || name == "keep-alive"
            }
        }
        return !asksClose && (!isHTTP10 || asksKeepAlive)
    }
}

extension Substring {
    fileprivate func trimming(_ isTrimmed: (Character) -> Bool) -> Substring {
        var rest = self.drop(while: isTrimmed)
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return rest
    }
}
