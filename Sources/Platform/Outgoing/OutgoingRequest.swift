/// One HTTP call to make: plain values, checked when it is sent.
package struct OutgoingRequest: Sendable {
    package enum Method: String, Hashable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    package var method: Method
    /// Absolute, http or https.
    package var url: String
    package var headers: [OutgoingHeader]
    package var body: [UInt8]
    /// From the moment it is sent, waiting for a connection included, to the last byte of the reply.
    package var timeout: Duration
    /// A longer reply ends the transfer with `.tooLarge`.
    package var replyBytesMax: Int
    /// Connect here instead of to the URL's host.
    package var unixSocket: String?
    /// Nil: the client's own.
    package var trust: ServerTrust?

    package init(
        _ method: Method,
        _ url: String,
        headers: [OutgoingHeader] = [],
        body: [UInt8] = [],
        timeout: Duration = .seconds(30),
        replyBytesMax: Int = 1 << 20,
        unixSocket: String? = nil,
        trust: ServerTrust? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.replyBytesMax = replyBytesMax
        self.unixSocket = unixSocket
        self.trust = trust
    }
}

package struct OutgoingHeader: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// A token and a value without control characters: nothing that could start another header line.
    var isWellFormed: Bool {
        !self.name.isEmpty && self.name.utf8.allSatisfy(Self.isTokenByte)
            && self.value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

/// A whole reply: its last head (not a 1xx before it) and its body to the end. Redirects are replies like any other.
package struct OutgoingResponse: Sendable {
    package let status: Int
    package let headers: [OutgoingHeader]
    package let body: [UInt8]

    package init(status: Int, headers: [OutgoingHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of that name, in any letter case.
    package subscript(_ name: String) -> String? {
        self.headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Why a server's TLS identity is believed.
package enum ServerTrust: Hashable, Sendable {
    /// A chain to a known authority and the right host name: the system's authorities, or those in a PEM bundle.
    case authorities(bundle: String?)
    /// The same, and the public key too: `sha256//BASE64`, several separated by `;`.
    case authoritiesAndKey(bundle: String?, pin: String)
    /// The public key alone, whoever signed its certificate: for a pin that came by a trusted way (a join token).
    case key(pin: String)
}
