import Crypto
package import Domain

extension Domain.Digest {
    package static func sha256(of bytes: some Sequence<UInt8>) -> Domain.Digest {
        var hash = SHA256()
        if bytes.withContiguousStorageIfAvailable({ unsafe hash.update(bufferPointer: UnsafeRawBufferPointer($0)) })
            == nil
        {
            hash.update(data: Array(bytes))
        }
        return Domain.Digest(of: hash.finalize())
    }

    init(of hash: SHA256.Digest) {
        guard let digest = Domain.Digest(hash) else { preconditionFailure("SHA-256 makes 32 bytes") }
        self = digest
    }
}
