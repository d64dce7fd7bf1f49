/// Why a call brought no whole reply. Names the host at most, never the path, the headers or the body.
package struct OutgoingFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let kind: Kind
    package let detail: String

    package enum Kind: String, Hashable, Sendable {
        /// The request cannot be sent as it is: URL, header, option.
        case invalid
        case resolve
        case connect
        /// No TLS connection, or the server's identity is not believed.
        case tls
        case timeout
        /// The reply is over `replyBytesMax`, or its head over the client's bound.
        case tooLarge
        /// The connection ended before the reply did.
        case truncated
        /// What came is not HTTP.
        case malformed
        /// The Swift task was cancelled.
        case cancelled
        /// As many transfers as the client allows are under way.
        case overloaded
        /// The client has been shut down.
        case closed
    }

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    package var description: String { "\(self.kind.rawValue): \(self.detail)" }
}
