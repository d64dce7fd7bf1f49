package import Domain
package import NIOCore

/// A fault in the shape that OpenAI's SDKs read: the one place where faults become statuses, headers and bodies
/// of this dialect.
package struct ErrorBody: Hashable, Sendable {
    /// SDKs do not wait longer.
    package static let retryAfterMax = 60
    /// Where nobody knows better.
    private static let retryAfterDefault = 1

    package let status: Int
    /// Without `content-length` and the request's ids, which are the front's.
    package let headers: [Header]
    package let body: ByteBuffer

    package struct Header: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// `retryAfterSeconds` is what the upstream said, where the fault itself says nothing. `isBilled` says whether an
    /// attempt of this exchange may have cost money: then no SDK should repeat it by itself.
    package init(_ fault: Fault, retryAfterSeconds: Int? = nil, isBilled: Bool = false) {
        self.status = fault.status
        var headers = [Header("content-type", "application/json"), Header("martlet-error", fault.code.rawValue)]
        if isBilled || Self.isFinal(fault.status) { headers.append(Header("x-should-retry", "false")) }
        if [429, 503].contains(fault.status) {
            let seconds = fault.retryAfterSeconds ?? retryAfterSeconds ?? Self.retryAfterDefault
            headers.append(Header("retry-after", String(min(max(seconds, 1), Self.retryAfterMax))))
        }
        self.headers = headers
        self.body = Self.envelope(fault)
    }

    /// The last event of a stream that failed after its first byte. No end marker follows it.
    package static func event(_ fault: Fault) -> ByteBuffer {
        var event = ByteBuffer(staticString: "data: ")
        event.writeImmutableBuffer(Self.envelope(fault))
        event.writeStaticString("\n\n")
        return event
    }

    /// SDKs would repeat these twice by themselves, in vain or at a price.
    private static func isFinal(_ status: Int) -> Bool { [402, 403, 413, 502, 504].contains(status) }

    private static func envelope(_ fault: Fault) -> ByteBuffer {
        var body = ByteBuffer(staticString: "{\"error\":{\"message\":")
        body.writeJSONString(fault.message)
        body.writeStaticString(",\"type\":")
        body.writeJSONString(Self.type(fault.status))
        body.writeStaticString(",\"param\":")
        if let parameter = fault.parameter {
            body.writeJSONString(parameter)
        } else {
            body.writeStaticString("null")
        }
        body.writeStaticString(",\"code\":")
        body.writeJSONString(fault.code.rawValue)
        body.writeStaticString("}}")
        return body
    }

    private static func type(_ status: Int) -> String {
        switch status {
        case 402: "insufficient_quota"
        case 429: "rate_limit_error"
        case 408, 500...: "server_error"
        default: "invalid_request_error"
        }
    }
}

extension Fault {
    fileprivate var retryAfterSeconds: Int? {
        switch self.retry {
        case .later(let seconds): seconds
        case .never, .onAnotherModel: nil
        }
    }
}
