import Crypto
package import Domain

extension Domain.Digest {
    package static func sha256(_ bytes: [UInt8]) -> Domain.Digest {
        guard let digest = Domain.Digest(SHA256.hash(data: bytes)) else {
            preconditionFailure("a SHA-256 digest has 32 bytes")
        }
        return digest
    }
}
