import Foundation
import NIOSSL
import Platform
import TestSupport

/// A certificate that a node shows, and a caller's TLS that believes it.
struct ServedIdentity {
    let certificate: ServerCertificate
    let believed: NIOSSLContext
    private let folder: TemporaryFolder

    init(_ identity: TestIdentity) throws {
        self.folder = try TemporaryFolder()
        let (chain, key) = (self.folder.file("chain.pem"), self.folder.file("key.pem"))
        try Data(identity.certificate.utf8).write(to: chain)
        try Data(identity.key.utf8).write(to: key)
        self.certificate = try ServerCertificate(certificatePath: chain.path(), keyPath: key.path())
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(chain.path())
        self.believed = try NIOSSLContext(configuration: configuration)
    }
}

extension TestIdentity {
    /// The TLS of a server that shows it.
    func serverContext() throws -> NIOSSLContext {
        let certificate = try NIOSSLCertificate(bytes: Array(self.certificate.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(self.key.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)],
                privateKey: .privateKey(key)
            )
        )
    }
}
