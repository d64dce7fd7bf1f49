package import Domain

/// The provider credentials that this node can use right now.
package protocol Credentials: Sendable {
    /// The value to send, or why there is none. `.none` credentials give an empty value: nothing is sent.
    func value(for provider: Provider) -> CredentialAnswer
}

package enum CredentialAnswer: Hashable, Sendable {
    case notNeeded
    case value(String)
    /// Not held, or not for this provider's host.
    case missing
}
