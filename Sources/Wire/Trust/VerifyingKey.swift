import Crypto
package import Domain

/// A public Ed25519 key, in its one canonical encoding. Its id is the digest of its bytes, so an id cannot be lent to
/// another key.
package struct VerifyingKey: Hashable, Sendable {
    package static let byteCount = 32
    package static let signatureByteCount = 64

    package let bytes: [UInt8]
    package let keyID: Domain.Digest

    /// Nil unless `bytes` are 32, canonical, and not one of the weak points under which anybody can sign anything.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, Self.isCanonical(bytes), !Self.isWeak(bytes) else { return nil }
        self.bytes = bytes
        self.keyID = Domain.Digest.sha256(of: bytes)
    }

    package func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        Self.verifies(signature, over: message, publicKey: self.bytes)
    }

    /// The bare check, without judging the key.
    package static func verifies(_ signature: [UInt8], over message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == Self.signatureByteCount, publicKey.count == Self.byteCount,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        else { return false }
        return key.isValidSignature(signature, for: message)
    }

    /// The encoded y is below the field's prime 2^255 - 19; the top bit is the sign of x.
    private static func isCanonical(_ bytes: [UInt8]) -> Bool {
        let top = bytes[31] & 0x7F
        return !(top == 0x7F && bytes[1..<31].allSatisfy { $0 == 0xFF } && bytes[0] >= 0xED)
    }

    /// The canonical y of the eight points whose order divides 8.
    private static let weak: Set<[UInt8]> = [
        [UInt8](repeating: 0, count: 32),
        [1] + [UInt8](repeating: 0, count: 31),
        [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
        Hex.decode("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05") ?? [],
        Hex.decode("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a") ?? [],
    ]

    private static func isWeak(_ bytes: [UInt8]) -> Bool {
        self.weak.contains(bytes.dropLast() + [bytes[31] & 0x7F])
    }
}
