import Crypto
package import Domain
import FoundationEssentials

/// A private Ed25519 key. Its raw bytes are shown only to whoever writes them where they belong.
package struct SigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    private init(_ key: Curve25519.Signing.PrivateKey) { self.key = key }

    package static func generate() -> SigningKey { SigningKey(Curve25519.Signing.PrivateKey()) }

    /// Nil unless there are 32 bytes.
    package init?(rawBytes: [UInt8]) {
        guard rawBytes.count == 32, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: rawBytes) else {
            return nil
        }
        self.init(key)
    }

    package var rawBytes: [UInt8] { Array(self.key.rawRepresentation) }

    package var verifyingKey: VerifyingKey {
        guard let key = VerifyingKey(Array(self.key.publicKey.rawRepresentation)) else {
            preconditionFailure("a key pair's public half is a point of full order")
        }
        return key
    }

    package var keyID: Domain.Digest { self.verifyingKey.keyID }

    package func signature(over message: [UInt8]) -> [UInt8] {
        do {
            return Array(try self.key.signature(for: message))
        } catch {
            preconditionFailure("Ed25519 signs every message: \(error)")
        }
    }
}

extension SigningKey: CustomStringConvertible {
    /// The public half's id: a private key is never shown.
    package var description: String { "signing key \(self.keyID)" }
}
