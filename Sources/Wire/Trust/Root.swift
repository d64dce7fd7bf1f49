package import Domain
import FoundationEssentials
import Schemas

/// Who may sign what, in one installation. Signed by the root keys; the only thing that can change who is trusted.
package struct Root: Hashable, Sendable {
    package static let format: UInt32 = 1
    package static let keysMax = 64
    /// How far above `epochMin` an epoch may stand. *Why*: restoring from a backup raises the epoch without the root
    /// key, but a thief of the other keys must not be able to claim an epoch that no root could overtake.
    package static let epochsAboveMax: UInt64 = 1_000

    package let environment: ID<Environment>
    package let version: UInt64
    package let epochMin: UInt64
    /// Whole seconds.
    package let expires: Timestamp
    package let keys: [Digest: VerifyingKey]
    package let roles: [TrustRole: RoleKeys]

    package struct RoleKeys: Hashable, Sendable {
        package let keyIDs: Set<Digest>
        /// From 1 to the number of keys.
        package let threshold: Int

        package init(_ keyIDs: Set<Digest>, threshold: Int = 1) {
            self.keyIDs = keyIDs
            self.threshold = threshold
        }
    }

    /// The caller answers for what `decode` checks: nodes refuse a root that does not hold together.
    package init(
        environment: ID<Environment>,
        version: UInt64,
        epochMin: UInt64,
        expires: Timestamp,
        keys: [VerifyingKey],
        root: RoleKeys,
        release: RoleKeys,
        freshness: RoleKeys
    ) {
        self.environment = environment
        self.version = version
        self.epochMin = epochMin
        self.expires = expires
        self.keys = Dictionary(keys.map { ($0.keyID, $0) }) { first, _ in first }
        self.roles = [.root: root, .release: release, .freshness: freshness]
    }

    package func keys(of role: TrustRole) -> RoleKeys { self.roles[role] ?? RoleKeys([], threshold: 1) }

    /// The epochs that heads and manifests may name under this root.
    package var epochs: ClosedRange<UInt64> { self.epochMin...(self.epochMin + Self.epochsAboveMax) }
}

/// What a key may sign.
package enum TrustRole: String, Hashable, Sendable, CaseIterable {
    case root, release, freshness
}

extension Root {
    package func encoded() -> [UInt8] {
        var message = PBRoot()
        message.format = Self.format
        message.environment = self.environment.text
        message.version = self.version
        message.epochMin = self.epochMin
        message.expires = self.expires.unixMilliseconds / 1_000
        message.keys = self.keys.values.sorted(by: { $0.keyID < $1.keyID }).map { key in
            var entry = PBPublicKey()
            entry.keyID = key.keyID.hex
            entry.ed25519 = Data(key.bytes)
            return entry
        }
        message.root = Self.message(self.keys(of: .root))
        message.release = Self.message(self.keys(of: .release))
        message.freshness = Self.message(self.keys(of: .freshness))
        return message.deterministicBytes
    }

    private static func message(_ role: RoleKeys) -> PBRoleKeys {
        var message = PBRoleKeys()
        message.keyIds = role.keyIDs.sorted().map(\.hex)
        message.threshold = UInt32(clamping: role.threshold)
        return message
    }

    package static func decode(_ payload: [UInt8]) throws(WireError) -> Root {
        let message = try PBRoot(strictly: payload, atMost: PayloadType.root.sizeMax)
        try Check.format(message.format, supported: Self.format, "the root")
        try Check.count(message.keys.count, atMost: Self.keysMax, "keys")
        let keys = try self.keys(message.keys)
        let epochMin = try Check.number(message.epochMin, "epoch_min")
        guard epochMin <= Check.numberMax - Self.epochsAboveMax else {
            throw WireError(.invalid, "epoch_min leaves no room above it")
        }
        guard (1...(Check.timeMax / 1_000)).contains(message.expires) else {
            throw WireError(.invalid, "expires is missing or not a time")
        }
        return Root(
            environment: try Check.id(message.environment, "environment"),
            version: try Check.number(message.version, "version"),
            epochMin: epochMin,
            expires: Timestamp(unixMilliseconds: message.expires * 1_000),
            keys: keys,
            root: try self.role(message.root, of: keys, "root"),
            release: try self.role(message.release, of: keys, "release"),
            freshness: try self.role(message.freshness, of: keys, "freshness")
        )
    }

    private static func keys(_ entries: [PBPublicKey]) throws(WireError) -> [VerifyingKey] {
        var seen: Set<Digest> = []
        var keys: [VerifyingKey] = []
        for entry in entries {
            guard let key = VerifyingKey(Array(entry.ed25519)) else {
                throw WireError(.invalid, "a key is not 32 canonical bytes, or is a weak point")
            }
            guard entry.keyID == key.keyID.hex else {
                throw WireError(.invalid, "a key's id is not the digest of its bytes")
            }
            guard seen.insert(key.keyID).inserted else { throw WireError(.invalid, "a key is listed twice") }
            keys.append(key)
        }
        return keys
    }

    private static func role(
        _ message: PBRoleKeys,
        of keys: [VerifyingKey],
        _ name: String
    ) throws(WireError) -> RoleKeys {
        let known = Set(keys.map(\.keyID))
        var ids: Set<Digest> = []
        for text in message.keyIds {
            guard let id = Digest(hex: text), known.contains(id) else {
                throw WireError(.invalid, "the role \(name) names a key that is not listed")
            }
            guard ids.insert(id).inserted else { throw WireError(.invalid, "the role \(name) names a key twice") }
        }
        guard !ids.isEmpty, (1...ids.count).contains(Int(message.threshold)) else {
            throw WireError(.invalid, "the threshold of the role \(name) is not within 1 and its number of keys")
        }
        return RoleKeys(ids, threshold: Int(message.threshold))
    }
}
