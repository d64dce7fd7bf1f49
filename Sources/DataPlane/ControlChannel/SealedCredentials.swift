package import Domain
import Platform
import Synchronization
import Wire

/// The provider credentials that this node holds: those sealed to it, and those that its operator gave it by
/// environment variable or file. On disk they stay sealed, as received.
package final class SealedCredentials: Credentials {
    /// What the operator allows a provider to name, read once at start: `--provider-env`, `--provider-file`.
    package struct Local: Sendable {
        package let environment: [String: String]
        package let files: [String: String]

        package static let fileBytesMax = 64 << 10

        /// Throws a `StartupFault` that names what is missing: a node must not find out at its first request.
        package init(
            variables: [String],
            files: [String],
            environment: [String: String]
        ) throws {
            var values: [String: String] = [:]
            for name in variables {
                guard let value = environment[name], !value.isEmpty else {
                    throw StartupFault(.configuration, "--provider-env \(name): that variable is not set")
                }
                values[name] = value
            }
            self.environment = values
            var contents: [String: String] = [:]
            for path in files {
                let bytes = try DurableFile.read(path, bytesMax: Self.fileBytesMax, audience: .anyone)
                contents[path] = Self.trimmed(bytes)
            }
            self.files = contents
        }

        private static func trimmed(_ bytes: [UInt8]) -> String {
            var bytes = bytes[...]
            while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private struct Held {
        let version: UInt64
        let value: String
        let hosts: Set<String>
    }

    private let held = Mutex<[Name<Secret>: Held]>([:])
    private let local: Local
    private let path: String

    package init(local: Local, directory: String) {
        self.local = local
        self.path = "\(directory)/secrets.sealed"
    }

    package func value(for provider: Provider) -> CredentialAnswer {
        switch provider.credential {
        case .none: .notNeeded
        case .environment(let name): self.local.environment[name].map(CredentialAnswer.value) ?? .missing
        case .file(let path): self.local.files[path].map(CredentialAnswer.value) ?? .missing
        case .secret(let name): self.secret(name, for: provider.baseURL.host)
        }
    }

    /// The control plane checks the host too; a node does not take its word for where a key goes.
    private func secret(_ name: Name<Secret>, for host: String) -> CredentialAnswer {
        guard let held = self.held.withLock({ $0[name] }), held.hosts.contains(host) else { return .missing }
        return .value(held.value)
    }

    /// As `name@version`, sorted, for the status.
    package var names: [String] {
        self.held.withLock { held in held.map { "\($0.key)@\($0.value.version)" } }.sorted()
    }

    // MARK: - Sealed

    /// What the last run received. A file that cannot be read is reported and asked for again; it is no reason not to
    /// start.
    package func load(for identity: NodeIdentity) throws {
        guard let bytes = try DurableFile.readIfPresent(self.path, bytesMax: SealedSecrets.sizeMax, audience: .owner)
        else { return }
        try self.take(bytes, for: identity)
    }

    /// Takes the whole new set or nothing.
    package func replace(with bytes: [UInt8], for identity: NodeIdentity) throws {
        try self.take(bytes, for: identity)
        try DurableFile.write(bytes, to: self.path)
    }

    package func wipe() throws {
        self.held.withLock { $0 = [:] }
        try DurableFile.remove(self.path)
    }

    private func take(_ bytes: [UInt8], for identity: NodeIdentity) throws {
        var opened: [Name<Secret>: Held] = [:]
        for secret in try SealedSecrets.decode(bytes).secrets {
            let value = try secret.open(
                environment: identity.environment,
                node: identity.node,
                with: identity.keys.sealing
            )
            opened[secret.name] = Held(
                version: secret.version,
                value: String(decoding: value, as: UTF8.self),
                hosts: Set(secret.hosts)
            )
        }
        self.held.withLock { $0 = opened }
    }
}
