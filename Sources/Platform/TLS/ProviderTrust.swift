package import NIOSSL
import Synchronization

/// Whom this process believes when it connects over TLS on the way of traffic: the system's certificate authorities
/// and, beside them, those of a PEM file, which is read again on SIGHUP.
///
/// A reload that fails changes nothing. Connections that are open keep what they have; new ones use the new file.
package final class ProviderTrust: ReloadedFile {
    private static let pemBytesMax = 4 << 20

    package let noun = "certificate authorities"
    private let path: String?
    private let roots: NIOSSLTrustRoots
    private let held: Mutex<NIOSSLContext>

    /// `roots` in place of the system's are for tests.
    package init(authorities path: String? = nil, roots: NIOSSLTrustRoots = .default) throws(StartupFault) {
        self.path = path
        self.roots = roots
        self.held = Mutex(try Self.context(path, roots))
    }

    package var context: NIOSSLContext { self.held.withLock { $0 } }

    package func reload() throws(StartupFault) {
        guard self.path != nil else { return }
        let fresh = try Self.context(self.path, self.roots)
        self.held.withLock { $0 = fresh }
    }

    private static func context(_ path: String?, _ roots: NIOSSLTrustRoots) throws(StartupFault) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = roots
        configuration.certificateVerification = .fullVerification
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            if let path {
                let bytes = try DurableFile.read(path, bytesMax: Self.pemBytesMax, audience: .anyone)
                let certificates = try NIOSSLCertificate.fromPEMBytes(bytes)
                guard !certificates.isEmpty else {
                    throw StartupFault(.configuration, "certificate authorities: \(path) holds no certificate")
                }
                configuration.additionalTrustRoots = [.certificates(certificates)]
            }
            return try NIOSSLContext(configuration: configuration)
        } catch let fault as StartupFault {
            throw fault
        } catch {
            throw StartupFault(.configuration, "certificate authorities: \(path ?? "the system's"): \(error)")
        }
    }
}
