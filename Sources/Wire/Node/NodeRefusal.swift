import Schemas

/// Why the control plane does not do what a node asked, beside a 4xx or 5xx status.
package struct NodeRefusal: Error, Hashable, Sendable {
    package static let sizeMax = 4 << 10

    package let code: Code
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package enum Code: String, Hashable, Sendable, CaseIterable {
        case unknownToken = "unknown_token"
        case tokenUsed = "token_used"
        case tokenExpired = "token_expired"
        case unknownNode = "unknown_node"
        case banned
        case badSignature = "bad_signature"
        case malformed
        case fenced
        case busy
        case notFound = "not_found"

        package var status: Int {
            switch self {
            case .unknownToken, .unknownNode, .badSignature: 401
            case .tokenUsed, .tokenExpired, .banned: 403
            case .malformed: 400
            case .fenced: 409
            case .busy: 503
            case .notFound: 404
            }
        }
    }

    package func encoded() -> [UInt8] {
        var message = PBNodeRefusal()
        message.code = self.code.rawValue
        message.detail = String(decoding: self.detail.utf8.prefix(1_024), as: UTF8.self)
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> NodeRefusal {
        let message = try PBNodeRefusal(strictly: bytes, atMost: Self.sizeMax)
        return NodeRefusal(
            try Check.choice(message.code, of: Code.self, "code"),
            try Check.text(message.detail, atMost: 1_024, "detail")
        )
    }
}
