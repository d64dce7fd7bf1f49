import DataPlane
import Domain
import FoundationEssentials
import Platform
import Wire

/// What a node was told at its start, checked.
struct NodeSettings: Sendable {
    let sources: [BaseURL]
    let data: String
    let traffic: NetworkAddress
    let operations: NetworkAddress
    /// Of the traffic address.
    let certificate: ServerCertificate?
    let upstream: UpstreamOptions
    let places: Places.Bounds
    let joinToken: JoinToken?
    /// Refuses any other root, whatever lies in `data`.
    let trust: Digest?
    let providerVariables: [String]
    let providerFiles: [String]
    let name: String
    let threads: Int
    let drain: DrainOptions

    static let threadsMax = 256

    /// `openFiles`: how many this process may have.
    init(_ options: Options, openFiles: Int) throws(StartupFault) {
        let isPlaintextAllowed = try options.isOn("insecure-plaintext")
        self.sources = try Self.sources(options, isPlaintextAllowed)
        self.data = try options.string("data", default: "./.martlet/node")
        self.traffic = try options.address("listen", default: NetworkAddress(host: "127.0.0.1", port: 8_480))
        self.operations = try options.address("operations", default: NetworkAddress(host: "127.0.0.1", port: 8_481))
        self.certificate = try ServerCertificate.from(options)
        for (name, address, hasTLS) in [
            ("listen", self.traffic, self.certificate != nil), ("operations", self.operations, false),
        ] {
            try address.checkPlaintext(option: name, hasTLS: hasTLS, insecurePlaintext: isPlaintextAllowed)
        }
        self.joinToken = try Self.joinToken(options)
        self.trust = try Self.trust(options)
        self.providerVariables = try options.list("provider-env")
        self.providerFiles = try options.list("provider-file")
        self.name = try options.string("name", default: ProcessInfo.processInfo.hostName)
        self.threads = try options.int(
            "threads",
            default: max(1, ProcessInfo.processInfo.activeProcessorCount),
            in: 1...Self.threadsMax
        )
        self.drain = try DrainOptions(options)
        self.upstream = try UpstreamOptions(
            options,
            environment: ProcessInfo.processInfo.environment,
            loops: self.threads
        )
        self.places = try Places.Bounds(options, loops: self.threads, openFiles: openFiles)
    }

    /// On SIGHUP.
    var reloaded: [any ReloadedFile] { [self.upstream.trust] + [self.certificate].compactMap(\.self) }

    private static func sources(_ options: Options, _ isPlaintextAllowed: Bool) throws(StartupFault) -> [BaseURL] {
        var sources: [BaseURL] = []
        for text in try options.list("control") {
            guard let source = BaseURL(text) else {
                throw StartupFault(.usage, "--control: '\(text)' is not a URL such as https://control.example:8401")
            }
            let address = NetworkAddress(host: source.host, port: source.port)
            guard source.isTLS || address.isLoopback || isPlaintextAllowed else {
                throw StartupFault(
                    .configuration,
                    "--control \(source) is not https: give --insecure-plaintext to allow it"
                )
            }
            sources.append(source)
        }
        guard !sources.isEmpty else {
            throw StartupFault(
                .usage,
                "--control is missing: give the control plane's node address, http://127.0.0.1:8401"
            )
        }
        return sources
    }

    private static func joinToken(_ options: Options) throws(StartupFault) -> JoinToken? {
        var text = try options.string("join")
        if text == nil, let path = try options.string("join-file") {
            do {
                text = String(decoding: try DurableFile.read(path, bytesMax: 4_096, audience: .anyone), as: UTF8.self)
            } catch {
                throw StartupFault(.configuration, "--join-file: \(error)")
            }
        }
        guard let text else { return nil }
        guard let token = JoinToken(text) else {
            throw StartupFault(.usage, "--join is not a join token: mint one with martlet nodes token")
        }
        return token
    }

    private static func trust(_ options: Options) throws(StartupFault) -> Digest? {
        guard let text = try options.string("trust") else { return nil }
        guard let digest = Digest(hex: text) else {
            throw StartupFault(.usage, "--trust must be the SHA-256 of root 1 in 64 hexadecimal digits")
        }
        return digest
    }
}
