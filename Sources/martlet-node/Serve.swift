import ArgumentParser
import DataPlane
import Platform

/// `martlet-node serve`: configuration → values → services → one group.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve traffic until SIGTERM.",
        discussion: Options.discussion
    )

    @Option(help: "Node addresses of the control plane, in order, with commas.") var control: String?
    @Option(help: "Directory of the node key, the last good snapshot and unsent usage. Default ./.martlet/node.")
    var data: String?
    @Option(help: "Traffic address. Default 127.0.0.1:8480.") var listen: String?
    @Option(help: "Operations address: /healthz /readyz /metrics. Default 127.0.0.1:8481.") var operations: String?
    @Option(help: "PEM file of the traffic address's certificate chain; read again on SIGHUP.")
    var tlsCertificate: String?
    @Option(help: "PEM file of its private key.") var tlsKey: String?
    @Option(help: "Join token, for the first start. Prefer --join-file or MARTLET_JOIN: others can see a flag.")
    var join: String?
    @Option(help: "File with the join token.") var joinFile: String?
    @Option(help: "SHA-256 of root 1: refuses any other, whatever lies in --data.") var trust: String?
    @Option(help: "Environment variables that a provider's credential may name, with commas.") var providerEnv: String?
    @Option(help: "Files that a provider's credential may name, with commas.") var providerFile: String?
    @Option(
        help: "http://[user:password@]host:port, the proxy to all providers, or none. Default: HTTPS_PROXY and its kin."
    )
    var upstreamProxy: String?
    @Option(help: "Hosts reached without it, with commas. Default: NO_PROXY. This machine always is.")
    var upstreamNoProxy: String?
    @Option(help: "PEM file of certificate authorities believed beside the system's; read again on SIGHUP.")
    var upstreamCa: String?
    @Option(help: "Connections to one provider's host and port. Default: 4096 for each event loop.")
    var upstreamConnectionsMax: String?
    @Option(help: "Requests served at once; more are told to come again. Default: 16384 for each event loop.")
    var exchangesMax: String?
    @Option(
        help: "Of them, those of one application: an API key, or whom a token names. Default: 4096 for each event loop."
    )
    var exchangesPerKeyMax: String?
    @Option(help: "Name that the fleet's list shows. Default: the host's.") var name: String?
    @Option(help: "Event loops. Default: one a core.") var threads: String?
    @Option(help: "How long the listener goes on accepting after SIGTERM. Default 5s.") var drainDelay: String?
    @Option(help: "How long exchanges in flight may take after that. Default 120s.") var drainTimeout: String?
    @Flag(help: "Allow plain HTTP beyond this machine.") var insecurePlaintext = false
    @Option(help: "trace, debug, info, notice, warning, error or critical. Default info.") var logLevel: String?
    @Option(help: "json or text. Default text.") var logFormat: String?
    @Option(help: "YAML file with any of these options.") var config: String?

    func run() async throws {
        do {
            let options = try Options(flags: self.flags)
            let logger = try LogOptions(options).bootstrap("martlet-node")
            try await NodeProcess(try NodeSettings(options, openFiles: OpenFiles.raiseLimit()), logger).run()
        } catch let fault as StartupFault {
            throw Self.exit(fault.exit, "\(fault)")
        } catch let fault as FileFault {
            throw Self.exit(.configuration, "\(fault)")
        } catch let damage as IdentityFile.Damage {
            throw Self.exit(.configuration, "\(damage)")
        }
    }

    private var flags: [String: String?] {
        [
            "control": self.control, "data": self.data, "listen": self.listen, "operations": self.operations,
            "tls-certificate": self.tlsCertificate, "tls-key": self.tlsKey, "join": self.join,
            "join-file": self.joinFile, "trust": self.trust, "provider-env": self.providerEnv,
            "provider-file": self.providerFile, "name": self.name, "threads": self.threads,
            "drain-delay": self.drainDelay, "drain-timeout": self.drainTimeout,
            "insecure-plaintext": Options.on(self.insecurePlaintext), "log-level": self.logLevel,
            "log-format": self.logFormat, "config": self.config, "upstream-proxy": self.upstreamProxy,
            "upstream-no-proxy": self.upstreamNoProxy, "upstream-ca": self.upstreamCa,
            "upstream-connections-max": self.upstreamConnectionsMax, "exchanges-max": self.exchangesMax,
            "exchanges-per-key-max": self.exchangesPerKeyMax,
        ]
    }

    private static func exit(_ status: ExitStatus, _ text: String) -> ExitCode {
        StandardError.write("martlet-node: \(text)\n")
        return ExitCode(status.rawValue)
    }
}
