package import Crypto
package import Domain
import Foundation

/// Seals what must not be readable in the database or its backups: provider credentials and signing keys.
///
/// AES-256-GCM under the master key. Each box is bound to its place (`VaultLabel`), so that a row copied over another
/// one does not open. A box is nonce (12 bytes), ciphertext, tag (16 bytes).
package struct Vault: Sendable {
    private let masterKey: SymmetricKey
    private let environment: ID<Domain.Environment>

    package init(masterKey: SymmetricKey, environment: ID<Domain.Environment>) {
        self.masterKey = masterKey
        self.environment = environment
    }

    package func seal(_ plain: [UInt8], as label: VaultLabel) throws -> [UInt8] {
        let box = try AES.GCM.seal(plain, using: self.masterKey, authenticating: self.associatedData(label))
        // The default nonce has 12 bytes, which is when `combined` exists.
        guard let combined = box.combined else { throw VaultFault.cannotSeal(label) }
        return Array(combined)
    }

    /// Throws `VaultFault.cannotOpen` if the box was sealed by another master key, for another label or environment,
    /// or has been changed.
    package func open(_ box: [UInt8], as label: VaultLabel) throws(VaultFault) -> [UInt8] {
        do {
            let sealed = try AES.GCM.SealedBox(combined: box)
            return Array(
                try AES.GCM.open(sealed, using: self.masterKey, authenticating: self.associatedData(label))
            )
        } catch {
            throw .cannotOpen(label)
        }
    }

    private func associatedData(_ label: VaultLabel) -> [UInt8] {
        Array("martlet-vault-v1\n\(self.environment)\n\(label.kind.rawValue)\n\(label.name)\n\(label.version)".utf8)
    }
}

/// What a sealed box holds and where it stands; part of what is authenticated.
package struct VaultLabel: Hashable, Sendable {
    package let kind: Kind
    package let name: String
    package let version: UInt64

    package init(_ kind: Kind, name: String, version: UInt64) {
        self.kind = kind
        self.name = name
        self.version = version
    }

    package enum Kind: String, Hashable, Sendable {
        case secret
        case signingKey = "signing-key"
    }
}

extension VaultLabel: CustomStringConvertible {
    package var description: String { "\(self.kind.rawValue) \(self.name), version \(self.version)" }
}

package enum VaultFault: Error, Hashable, Sendable, CustomStringConvertible {
    case cannotSeal(VaultLabel)
    case cannotOpen(VaultLabel)

    package var description: String {
        switch self {
        case .cannotSeal(let label): "cannot seal the \(label)"
        case .cannotOpen(let label):
            "cannot open the \(label): it was sealed by another master key, or changed; put the right keys/master.key back"
        }
    }
}
