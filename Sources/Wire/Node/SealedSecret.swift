import Crypto
package import Domain
import FoundationEssentials
import Schemas

/// A node's X25519 key, to which provider credentials are sealed.
package struct SealingKey: Sendable {
    fileprivate let key: Curve25519.KeyAgreement.PrivateKey

    private init(_ key: Curve25519.KeyAgreement.PrivateKey) { self.key = key }

    package static func generate() -> SealingKey { SealingKey(Curve25519.KeyAgreement.PrivateKey()) }

    /// Nil unless there are 32 bytes.
    package init?(rawBytes: [UInt8]) {
        guard rawBytes.count == 32, let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: rawBytes)
        else { return nil }
        self.init(key)
    }

    package var rawBytes: [UInt8] { Array(self.key.rawRepresentation) }

    package var publicKey: Public { Public(unchecked: Array(self.key.publicKey.rawRepresentation)) }

    package struct Public: Hashable, Sendable {
        package let bytes: [UInt8]

        fileprivate init(unchecked bytes: [UInt8]) { self.bytes = bytes }

        /// Nil unless there are 32 bytes and not all of them zero.
        package init?(_ bytes: [UInt8]) {
            guard bytes.count == 32, bytes.contains(where: { $0 != 0 }) else { return nil }
            self.bytes = bytes
        }
    }
}

extension SealingKey: CustomStringConvertible {
    package var description: String { "sealing key" }
}

/// A provider credential that one node can read, as it travels and as it lies on that node's disk.
///
/// Name, version and hosts are bound to the ciphertext: none can be changed without the value becoming unreadable.
package struct SealedSecret: Hashable, Sendable {
    package static let valueSizeMax = 16 << 10
    package static let hostsMax = 64

    package let name: Name<Secret>
    package let version: UInt64
    package let encapsulatedKey: [UInt8]
    package let ciphertext: [UInt8]
    /// Where it may be sent, lower case, sorted.
    package let hosts: [String]

    private static let suite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly
    private static let info = Data("martlet-secret-v1".utf8)

    /// Why a secret cannot be sealed or read; never says anything of its value.
    package struct Failure: Error, Hashable, Sendable {
        package let detail: String
    }

    package static func seal(
        _ value: [UInt8],
        name: Name<Secret>,
        version: UInt64,
        hosts: [String],
        environment: ID<Environment>,
        node: ID<Node>,
        to key: SealingKey.Public
    ) throws(Failure) -> SealedSecret {
        let hosts = Set(hosts.map { $0.lowercased() }).sorted()
        let context = Self.context(environment, node, name, version, hosts)
        do {
            let recipient = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: key.bytes)
            var sender = try HPKE.Sender(recipientKey: recipient, ciphersuite: Self.suite, info: Self.info)
            let ciphertext = try sender.seal(Data(value), authenticating: context)
            return SealedSecret(
                name: name,
                version: version,
                encapsulatedKey: Array(sender.encapsulatedKey),
                ciphertext: Array(ciphertext),
                hosts: hosts
            )
        } catch {
            throw Failure(detail: "the secret \(name) cannot be sealed to the node \(node): \(error)")
        }
    }

    package func open(
        environment: ID<Environment>,
        node: ID<Node>,
        with key: SealingKey
    ) throws(Failure) -> [UInt8] {
        let context = Self.context(environment, node, self.name, self.version, self.hosts)
        do {
            var recipient = try HPKE.Recipient(
                privateKey: key.key,
                ciphersuite: Self.suite,
                info: Self.info,
                encapsulatedKey: Data(self.encapsulatedKey)
            )
            return Array(try recipient.open(Data(self.ciphertext), authenticating: context))
        } catch {
            throw Failure(detail: "the secret \(self.name) version \(self.version) is not sealed to this node")
        }
    }

    private static func context(
        _ environment: ID<Environment>,
        _ node: ID<Node>,
        _ name: Name<Secret>,
        _ version: UInt64,
        _ hosts: [String]
    ) -> Data {
        let lines = [environment.text, node.text, name.text, "\(version)", hosts.joined(separator: ",")]
        return Data(lines.joined(separator: "\n").utf8)
    }
}

/// The secrets of one node: the answer to `GET /node/v1/secrets` and what its disk holds.
package struct SealedSecrets: Hashable, Sendable {
    package static let sizeMax = 4 << 20
    package static let countMax = 1_024

    package let secrets: [SealedSecret]

    package init(_ secrets: [SealedSecret]) { self.secrets = secrets }

    package func encoded() -> [UInt8] {
        var message = PBSealedSecrets()
        message.secrets = self.secrets.map { secret in
            var entry = PBSealedSecret()
            entry.name = secret.name.text
            entry.version = secret.version
            entry.encapsulatedKey = Data(secret.encapsulatedKey)
            entry.ciphertext = Data(secret.ciphertext)
            entry.hosts = secret.hosts
            return entry
        }
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> SealedSecrets {
        let message = try PBSealedSecrets(strictly: bytes, atMost: Self.sizeMax)
        try Check.count(message.secrets.count, atMost: Self.countMax, "secrets")
        var secrets: [SealedSecret] = []
        for entry in message.secrets { secrets.append(try Self.secret(entry)) }
        return SealedSecrets(secrets)
    }

    private static func secret(_ entry: PBSealedSecret) throws(WireError) -> SealedSecret {
        let name: Name<Secret> = try Check.name(entry.name, "a secret's name")
        try Check.count(entry.hosts.count, atMost: SealedSecret.hostsMax, "hosts of the secret \(name)")
        var hosts: [String] = []
        for host in entry.hosts {
            hosts.append(try Check.nonEmptyText(host, atMost: 255, "a host of the secret \(name)"))
        }
        guard entry.encapsulatedKey.count == 32,
            (16...(SealedSecret.valueSizeMax + 16)).contains(entry.ciphertext.count)
        else { throw WireError(.invalid, "the secret \(name) is not sealed as it should be") }
        return SealedSecret(
            name: name,
            version: try Check.number(entry.version, "version of the secret \(name)"),
            encapsulatedKey: Array(entry.encapsulatedKey),
            ciphertext: Array(entry.ciphertext),
            hosts: hosts
        )
    }
}
