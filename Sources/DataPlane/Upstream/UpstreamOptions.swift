package import Platform

/// How a node reaches providers, from its options and from the environment variables that name proxies everywhere.
///
/// | option | meaning |
/// | --- | --- |
/// | `upstream-proxy` | `http://[user:password@]host[:port]` for all providers, or `none`. Not given: `HTTPS_PROXY` for providers with TLS, `HTTP_PROXY` for others, `ALL_PROXY` for both, in lower case or upper |
/// | `upstream-no-proxy` | hosts reached directly, with commas. Not given: `NO_PROXY`. This machine always is |
/// | `upstream-ca` | PEM file of certificate authorities believed beside the system's; read again on SIGHUP |
/// | `upstream-connections-max` | connections to one host and port from the whole node, shared out among its event loops |
package struct UpstreamOptions: Sendable {
    package static let names = ["upstream-proxy", "upstream-no-proxy", "upstream-ca", "upstream-connections-max"]

    package let trust: ProviderTrust
    package let proxies: ProxyRules
    package let pool: ConnectionPool.Bounds

    package init(_ options: Options, environment: [String: String], loops: Int) throws(StartupFault) {
        self.trust = try ProviderTrust(authorities: try options.string("upstream-ca"))
        self.proxies = try Self.proxies(options, environment)
        var bounds = ConnectionPool.Bounds()
        bounds.connectionsMax = try options.share(
            of: "upstream-connections-max",
            preset: bounds.connectionsMax,
            loops: loops
        )
        self.pool = bounds
    }

    private static func proxies(
        _ options: Options,
        _ environment: [String: String]
    ) throws(StartupFault) -> ProxyRules {
        let direct = try self.direct(options, environment)
        guard let text = try options.string("upstream-proxy") else {
            return ProxyRules(
                forTLS: try self.proxy(environment, ["https_proxy", "all_proxy"]),
                forPlain: try self.proxy(environment, ["http_proxy", "all_proxy"]),
                direct: direct
            )
        }
        if text == "none" { return .none }
        guard let proxy = HTTPProxy(text) else { throw self.fault("upstream-proxy", .usage) }
        return ProxyRules(forTLS: proxy, forPlain: proxy, direct: direct)
    }

    private static func direct(
        _ options: Options,
        _ environment: [String: String]
    ) throws(StartupFault) -> [DirectHost] {
        var hosts: [DirectHost] = []
        for text in try options.list("upstream-no-proxy") {
            guard let host = DirectHost(text) else {
                throw StartupFault(
                    .usage,
                    "upstream-no-proxy: '\(text)' is no host, no address and no range such as 10.0.0.0/8"
                )
            }
            hosts.append(host)
        }
        if !hosts.isEmpty { return hosts }
        // Every program reads this variable its own way: what is no host to us is left to those others.
        let (_, text) = self.variable("no_proxy", environment) ?? ("", "")
        return text.split { $0 == "," || $0 == " " }.compactMap { DirectHost(String($0)) }
    }

    /// Going around a proxy that cannot be used would be the wrong way: a bad one stops the start.
    private static func proxy(_ environment: [String: String], _ names: [String]) throws(StartupFault) -> HTTPProxy? {
        for name in names {
            guard let (name, text) = self.variable(name, environment) else { continue }
            guard let proxy = HTTPProxy(text) else { throw self.fault(name, .configuration) }
            return proxy
        }
        return nil
    }

    private static func variable(_ name: String, _ environment: [String: String]) -> (String, String)? {
        for spelling in [name, name.uppercased()] {
            if let value = environment[spelling], !value.isEmpty { return (spelling, value) }
        }
        return nil
    }

    /// Does not repeat what stands there, as it may hold a password.
    private static func fault(_ place: String, _ exit: ExitStatus) -> StartupFault {
        StartupFault(
            exit,
            "\(place): must be a proxy such as http://user:password@proxy.example:3128, spoken to in plain HTTP; "
                + "--upstream-proxy none goes without one"
        )
    }
}
