import Foundation
import Platform
import TestSupport
import Testing

@testable import DataPlane

@Suite struct HTTPProxyTests {
    @Test func `a proxy has a host, a port and perhaps credentials`() throws {
        let plain = try #require(HTTPProxy("http://proxy.example:3128"))
        #expect(plain.host == "proxy.example" && plain.port == 3_128 && plain.authorization == nil)
        #expect(HTTPProxy("proxy.example:3128") == plain && HTTPProxy("http://proxy.example:3128/") == plain)
        #expect(HTTPProxy("http://proxy.example")?.port == 80)
        let six = try #require(HTTPProxy("http://[::1]:3128"))
        #expect(six.host == "::1" && "\(six)" == "[::1]:3128")
    }

    @Test func `credentials are decoded, and never shown`() throws {
        let cases = [
            ("ann:secret", "Basic YW5uOnNlY3JldA=="), ("ann", "Basic YW5uOg=="),
            ("an%6E:se%3Acr%40et", "Basic YW5uOnNlOmNyQGV0"), ("ann:a:b", "Basic YW5uOmE6Yg=="),
        ]
        for (userinfo, expected) in cases {
            let proxy = try #require(HTTPProxy("http://\(userinfo)@proxy.example:3128"))
            #expect(proxy.authorization == expected)
            #expect("\(proxy)" == "proxy.example:3128")
        }
    }

    @Test(arguments: [
        "", "http://", "https://proxy.example:443", "socks5://proxy.example", "http://proxy.example:99999",
        "http://proxy.example/path", "http://a%3Ab:c@proxy.example", "http://a%zz@proxy.example",
        "http://a%4@p.example",
        "proxy example",
    ]) func `what is none is refused`(text: String) { #expect(HTTPProxy(text) == nil) }
}

@Suite struct ProxyRulesTests {
    private func isDirect(_ host: String, port: Int = 443, except entries: String...) throws -> Bool {
        let rules = ProxyRules(
            forTLS: HTTPProxy("p.example:1"),
            forPlain: nil,
            direct: try entries.map { try #require(DirectHost($0)) }
        )
        return rules.proxy(for: Endpoint(host: host, port: port, isTLS: true)) == nil
    }

    @Test(arguments: ["127.0.0.1", "127.9.9.9", "::1", "localhost", "a.localhost", "::ffff:127.0.0.1"])
    func `this machine is never reached through a proxy`(host: String) throws { #expect(try self.isDirect(host)) }

    @Test func `everything else is, but for what is excepted`() throws {
        #expect(try !self.isDirect("api.example"))
        #expect(try !self.isDirect("10.0.0.1", except: "api.example"))
        #expect(try self.isDirect("anything", except: "*"))
        for entry in ["corp.example", ".corp.example", "*.corp.example", "CORP.example"] {
            #expect(try self.isDirect("corp.example", except: entry), "\(entry)")
            #expect(try self.isDirect("a.corp.example", except: entry), "\(entry)")
            #expect(try !self.isDirect("xcorp.example", except: entry), "\(entry)")
        }
        #expect(try self.isDirect("corp.example", port: 8_443, except: "corp.example:8443"))
        #expect(try !self.isDirect("corp.example", port: 443, except: "corp.example:8443"))
    }

    @Test func `addresses are excepted one by one or by range`() throws {
        #expect(try self.isDirect("10.1.2.3", except: "10.0.0.0/8"))
        #expect(try !self.isDirect("11.1.2.3", except: "10.0.0.0/8"))
        #expect(try self.isDirect("10.127.0.1", except: "10.64.0.0/10"))
        #expect(try !self.isDirect("10.128.0.1", except: "10.64.0.0/10"))
        #expect(try self.isDirect("10.1.2.3", except: "10.1.2.3"))
        #expect(try !self.isDirect("10.1.2.4", except: "10.1.2.3"))
        #expect(try self.isDirect("fd00::9", except: "fd00::/8"))
        #expect(try !self.isDirect("fd00::9", except: "0.0.0.0/0"))
        #expect(try self.isDirect("2001:db8::1", except: "[2001:db8::1]"))
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0.0/x", "a b", "host:port", "fd00::/129", "http://x"])
    func `what is no host is refused`(text: String) { #expect(DirectHost(text) == nil) }
}

@Suite struct UpstreamOptionsTests {
    private func options(
        _ flags: [String: String] = [:],
        _ environment: [String: String] = [:],
        loops: Int = 2
    ) throws(StartupFault) -> UpstreamOptions {
        let names = Dictionary(uniqueKeysWithValues: UpstreamOptions.names.map { ($0, flags[$0]) })
        let options = try Options(flags: names, environment: environment)
        return try UpstreamOptions(options, environment: environment, loops: loops)
    }

    private func route(_ options: UpstreamOptions, _ host: String, tls: Bool = true) -> String? {
        options.proxies.proxy(for: Endpoint(host: host, port: 443, isTLS: tls)).map { "\($0)" }
    }

    @Test func `without a word providers are reached directly`() throws {
        #expect(try self.options().proxies == .none)
    }

    @Test func `the environment names proxies as it does everywhere`() throws {
        let both = try self.options(
            [:],
            ["HTTPS_PROXY": "http://a:1", "http_proxy": "b:2", "NO_PROXY": "x.example, ??"]
        )
        #expect(self.route(both, "y.example") == "a:1")
        #expect(self.route(both, "y.example", tls: false) == "b:2")
        #expect(self.route(both, "x.example") == nil)
        let all = try self.options([:], ["ALL_PROXY": "c:3", "HTTPS_PROXY": ""])
        #expect(self.route(all, "y.example") == "c:3" && self.route(all, "y.example", tls: false) == "c:3")
    }

    @Test func `an option wins over the environment, and none means none`() throws {
        let environment = ["HTTPS_PROXY": "a:1", "NO_PROXY": "x.example", "MARTLET_UPSTREAM_PROXY": "d:4"]
        let one = try self.options([:], environment)
        #expect(self.route(one, "y.example", tls: false) == "d:4" && self.route(one, "x.example") == nil)
        let two = try self.options(["upstream-no-proxy": "z.example,10.0.0.0/8"], environment)
        #expect(self.route(two, "x.example") == "d:4" && self.route(two, "10.1.1.1") == nil)
        #expect(try self.options(["upstream-proxy": "none"], environment).proxies == .none)
    }

    @Test func `a bad proxy stops the start and is not repeated, as it may hold a password`() {
        for (flags, environment) in [
            (["upstream-proxy": "https://ann:hunter2@p:1"], [:]), ([:], ["HTTPS_PROXY": "socks5://ann:hunter2@p:1"]),
            ([:], ["MARTLET_UPSTREAM_PROXY": "ann:hunter2@"]),
        ] as [([String: String], [String: String])] {
            let fault = #expect(throws: StartupFault.self) { try self.options(flags, environment) }
            #expect(fault?.description.contains("hunter2") == false)
        }
        #expect(throws: StartupFault.self) { try self.options(["upstream-no-proxy": "a b"]) }
    }

    @Test func `the connections of a node are shared out among its loops`() throws {
        #expect(try self.options().pool.connectionsMax == 4_096)
        #expect(try self.options(["upstream-connections-max": "100"], loops: 4).pool.connectionsMax == 25)
        #expect(try self.options(["upstream-connections-max": "1"], loops: 4).pool.connectionsMax == 1)
        for bad in ["0", "-1", "many"] {
            #expect(throws: StartupFault.self) { try self.options(["upstream-connections-max": bad]) }
        }
    }
}
