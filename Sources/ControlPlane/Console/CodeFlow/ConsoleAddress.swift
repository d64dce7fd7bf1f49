package import Domain
import Platform

/// Where people's browsers find the console: what an issuer sends them back to.
///
/// It is said by whoever runs the control plane, or is the address that it listens on, and never what a request says of
/// itself in `Host`: a stranger's host would be sent the code.
package struct ConsoleAddress: Hashable, Sendable {
    private let base: BaseURL

    /// Nil unless it is `https://host[:port]`, or `http://` on this machine, without a path: the console is at `/console`.
    package init?(_ text: String) {
        guard let base = BaseURL(text), base.pathPrefix.isEmpty, AddressRules.isAuthentic(base) else { return nil }
        self.base = base
    }

    /// Of what listens on this machine only; nil for an address that others come to: who knows by what name?
    package init?(listeningOn address: String, hasTLS: Bool) {
        // 0.0.0.0 leads to this machine, but who listens there is reached by others too.
        guard let base = BaseURL("\(hasTLS ? "https" : "http")://\(address)"),
            NetworkAddress(address)?.isLoopback == true
        else { return nil }
        self.base = base
    }

    var isTLS: Bool { self.base.isTLS }

    /// `redirect_uri` (RFC 6749, 3.1.2): what is entered at the issuer, byte for byte. Each has its own, so that none
    /// can have an answer meant for it taken for another's (RFC 9700, 4.4.2).
    package func callback(of issuer: Name<Issuer>) -> String { self.absolute(Link.signInCallback(issuer.text)) }

    func absolute(_ path: String) -> String { "\(self.base)\(path)" }
}
