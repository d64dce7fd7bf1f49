import NIOCore
package import NIOSSL
import Synchronization

/// A listener's certificate chain and key, read from PEM files, and read again without a restart.
///
/// A reload that fails changes nothing: the old pair stays in force. Connections that are open keep what they have.
package final class ServerCertificate: ReloadedFile {
    private static let pemBytesMax = 1 << 20

    private struct Pair: Sendable {
        let chain: [NIOSSLCertificateSource]
        let key: NIOSSLPrivateKeySource
    }

    package let noun = "certificate"
    private let certificatePath: String
    private let keyPath: String
    private let pair: Mutex<Pair>

    package init(certificatePath: String, keyPath: String) throws(StartupFault) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        self.pair = Mutex(try Self.read(certificatePath, keyPath))
    }

    /// Options `tls-certificate` and `tls-key`: both or neither.
    package static func from(_ options: Options) throws(StartupFault) -> ServerCertificate? {
        switch (try options.string("tls-certificate"), try options.string("tls-key")) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return try ServerCertificate(certificatePath: certificate, keyPath: key)
        case (nil, .some), (.some, nil):
            throw StartupFault(.configuration, "--tls-certificate and --tls-key go together: give both")
        }
    }

    package func reload() throws(StartupFault) {
        let fresh = try Self.read(self.certificatePath, self.keyPath)
        self.pair.withLock { $0 = fresh }
    }

    /// The server's public key as a SubjectPublicKeyInfo in DER: what clients pin.
    package func publicKeyBytes() throws(StartupFault) -> [UInt8] {
        do {
            let bytes = try DurableFile.read(self.certificatePath, bytesMax: Self.pemBytesMax)
            guard let leaf = try NIOSSLCertificate.fromPEMBytes(bytes).first else {
                throw StartupFault(.configuration, "TLS: \(self.certificatePath) holds no certificate")
            }
            return try leaf.extractPublicKey().toSPKIBytes()
        } catch let fault as StartupFault {
            throw fault
        } catch {
            throw StartupFault(.configuration, "TLS: \(self.certificatePath): \(error)")
        }
    }

    /// For a listener: every new handshake uses the pair then in force. TLS 1.2 and later.
    package func configuration(protocols: [String]) -> TLSConfiguration {
        let now = self.pair.withLock { $0 }
        var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: now.chain, privateKey: now.key)
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = protocols
        configuration.sslContextCallback = { _, promise in
            let pair = self.pair.withLock { $0 }
            var override = NIOSSLContextConfigurationOverride()
            override.certificateChain = pair.chain
            override.privateKey = pair.key
            promise.succeed(override)
        }
        return configuration
    }

    private static func read(_ certificatePath: String, _ keyPath: String) throws(StartupFault) -> Pair {
        var reading = certificatePath
        do {
            let certificateBytes = try DurableFile.read(certificatePath, bytesMax: Self.pemBytesMax)
            let chain = try NIOSSLCertificate.fromPEMBytes(certificateBytes)
            reading = keyPath
            let key = try NIOSSLPrivateKey(
                bytes: try DurableFile.read(keyPath, bytesMax: Self.pemBytesMax),
                format: .pem
            )
            // Fails where key and certificate are not of one another.
            reading = "\(certificatePath) with \(keyPath)"
            let pair = Pair(chain: chain.map { .certificate($0) }, key: .privateKey(key))
            _ = try NIOSSLContext(
                configuration: .makeServerConfiguration(certificateChain: pair.chain, privateKey: pair.key)
            )
            return pair
        } catch {
            throw StartupFault(.configuration, "TLS: \(reading): \(error)")
        }
    }
}
