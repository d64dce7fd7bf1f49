import ArgumentParser
import NIOCore
import NIOPosix
import NIOSSL

/// `martlet-simulator serve`: prints `listening on HOST:PORT` and answers until it is killed.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Answer chat completions on a local port.")

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on; 0 takes a free one.")
    var port = 0

    @Option(help: "Knobs for every request, e.g. 'latency=20;chunks=8;fail=0.05;status=500'.")
    var knobs = ""

    @Option(help: "Bearer key that callers must send; without it, any or none will do.")
    var key: String?

    @Option(help: "Seed of everything random.")
    var seed: UInt64 = 1

    @Option(help: "PEM file with the certificate chain; serves TLS.")
    var tlsCertificate: String?

    @Option(help: "PEM file with the private key.")
    var tlsKey: String?

    @Option(help: "Event loops.")
    var threads = 1

    @Flag(
        help: """
            For load: prepared answers by the model's name and `stream` alone, both early in the body; \
            `chunks`, `delay`, `bytes`, the token counts and `nousage` are obeyed, no other knob; no books, no key.
            """
    )
    var light = false

    func run() async throws {
        let defaults: Knobs
        do {
            defaults = try Knobs().applying(self.knobs)
        } catch let flaw as Knobs.Flaw {
            throw ValidationError(flaw.text)
        }
        let provider = SimulatedProvider(defaults: defaults, key: self.key, seed: self.seed)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, self.threads))
        let channel = try await Listener.start(
            self.light ? .light(LightProvider(defaults: defaults)) : .full(provider),
            on: group,
            host: self.host,
            port: self.port,
            tls: try self.tlsContext()
        )
        guard let address = channel.localAddress, let port = address.port else {
            throw ValidationError("\(self.host):\(self.port) is not an address with a port")
        }
        print("listening on \(self.host):\(port)")
        FileOutput.flush()
        try await channel.closeFuture.get()
    }

    private func tlsContext() throws -> NIOSSLContext? {
        guard let certificate = self.tlsCertificate, let key = self.tlsKey else {
            guard self.tlsCertificate == nil, self.tlsKey == nil else {
                throw ValidationError("--tls-certificate and --tls-key go together")
            }
            return nil
        }
        let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
        let privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(privateKey))
        )
    }
}
