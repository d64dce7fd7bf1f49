internal import Domain

/// Why there is no connection. Not a byte of the request was sent on it; only a stale one that was tried before it may
/// have carried the request.
enum ConnectFailure: Error, Hashable, Sendable {
    /// Nobody answers at the provider's addresses.
    case unreachable
    /// The provider's name has no address, or no resolver could say one.
    case unresolved
    /// The provider's name leads only to addresses at which no provider can be.
    case forbiddenAddress
    case untrusted
    /// TLS to an address through a proxy: nothing on the connection could prove that the address is the provider's.
    case unverifiable
    case tooMany
    /// Nobody answers at the proxy's address, or not in time.
    case proxyUnreachable
    /// The proxy wants other credentials than ours.
    case proxyUnauthorized
    /// The proxy does not connect us. `status` is nil where it did not answer as a proxy does.
    case proxyRefused(status: Int?)

    /// Its name in metrics: a closed set.
    enum Reason: String, CaseIterable {
        case unreachable
        case unresolved
        case forbiddenAddress = "forbidden_address"
        case untrusted
        case unverifiable
        case tooMany = "too_many"
        case proxyUnreachable = "proxy_unreachable"
        case proxyUnauthorized = "proxy_unauthorized"
        case proxyRefused = "proxy_refused"
    }

    var reason: Reason {
        switch self {
        case .unreachable: .unreachable
        case .unresolved: .unresolved
        case .forbiddenAddress: .forbiddenAddress
        case .untrusted: .untrusted
        case .unverifiable: .unverifiable
        case .tooMany: .tooMany
        case .proxyUnreachable: .proxyUnreachable
        case .proxyUnauthorized: .proxyUnauthorized
        case .proxyRefused: .proxyRefused
        }
    }

    /// What the caller is told. Another model may have another provider, so that one is tried.
    func fault(to provider: Provider) -> Fault {
        let code: Fault.Code = self == .tooMany ? .overloaded : .upstreamError
        return Fault(code, from: self.origin, retry: .onAnotherModel, self.message(to: provider))
    }

    private var origin: Fault.Origin {
        switch self {
        case .unreachable, .unresolved, .forbiddenAddress, .untrusted: .upstream
        case .unverifiable, .tooMany, .proxyUnreachable, .proxyUnauthorized, .proxyRefused: .node
        }
    }

    private func message(to provider: Provider) -> String {
        let name = provider.name
        return switch self {
        case .unreachable: "The provider '\(name)' cannot be reached."
        case .unresolved: "The provider '\(name)' cannot be reached: its host name leads to no address."
        case .forbiddenAddress:
            "The provider '\(name)' is not called: its host leads to a link-local, multicast or unspecified address."
        case .untrusted:
            "The provider '\(name)' did not prove who it is: TLS was not agreed on, or its certificate not accepted."
        case .unverifiable:
            "The provider '\(name)' is not called: its URL has an address, which no certificate can be checked for behind this node's proxy. Give it a host name."
        case .tooMany: "This node has as many connections to the provider '\(name)' as it may."
        case .proxyUnreachable: "The provider '\(name)' cannot be reached: this node's proxy does not answer."
        case .proxyUnauthorized:
            "The provider '\(name)' cannot be reached: this node's proxy does not accept its credentials."
        case .proxyRefused(let status):
            "The provider '\(name)' cannot be reached: this node's proxy refused"
                + (status.map { " with status \($0)." } ?? ".")
        }
    }
}
