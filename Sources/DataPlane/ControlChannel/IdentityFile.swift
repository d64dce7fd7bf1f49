import Domain
import Platform
import Wire

/// `node.key` in the data directory, 0600: a line per fact. Losing it costs a new join token, nothing else.
///
///     martlet-node-key 1
///     ed25519 BASE64
///     x25519 BASE64
///     node ID                 from here on only after enrolment
///     environment ID
///     root-pin HEX
///     server-key-pin HEX      where there is one
///     floor EPOCH:HEAD_VERSION
///     root BASE64             an envelope; one line each, in order
package struct IdentityFile: Sendable {
    package static let bytesMax = 8 << 20
    private static let heading = "martlet-node-key 1"

    private let path: String

    package init(directory: String) { self.path = "\(directory)/node.key" }

    package enum Content: Sendable {
        case missing
        /// Keys were made; no control plane has taken them yet.
        case keys(NodeKeys)
        case joined(NodeIdentity)
    }

    /// The file is there, but is not what this build wrote.
    package struct Damage: Error, CustomStringConvertible {
        package let description: String
    }

    package func load() throws -> Content {
        guard let bytes = try DurableFile.readIfPresent(self.path, bytesMax: Self.bytesMax, audience: .owner) else {
            return .missing
        }
        guard let content = Self.parse(String(decoding: bytes, as: UTF8.self)) else {
            throw Damage(description: "\(self.path) is damaged: remove it and start with a new join token")
        }
        return content
    }

    package func save(_ keys: NodeKeys) throws { try self.write(Self.lines(keys)) }

    package func save(_ identity: NodeIdentity) throws {
        var lines =
            Self.lines(identity.keys) + [
                "node \(identity.node)", "environment \(identity.environment)", "root-pin \(identity.rootPin)",
            ]
        if let pin = identity.serverKeyPin { lines.append("server-key-pin \(pin)") }
        lines.append("floor \(identity.floor)")
        lines += identity.roots.map { "root \(Base64.encode($0))" }
        try self.write(lines)
    }

    package func wipe() throws { try DurableFile.remove(self.path) }

    private func write(_ lines: [String]) throws {
        try DurableFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: self.path)
    }

    private static func lines(_ keys: NodeKeys) -> [String] {
        [
            self.heading, "ed25519 \(Base64.encode(keys.signing.rawBytes))",
            "x25519 \(Base64.encode(keys.sealing.rawBytes))",
        ]
    }

    // MARK: - Reading

    private static func parse(_ text: String) -> Content? {
        let lines = text.split(separator: "\n").map(String.init)
        guard lines.first == self.heading else { return nil }
        var facts: [String: [String]] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: " ").map(String.init)
            guard parts.count == 2 else { return nil }
            facts[parts[0], default: []].append(parts[1])
        }
        guard let keys = self.keys(facts) else { return nil }
        guard facts["node"] != nil else { return .keys(keys) }
        return self.identity(keys, facts).map(Content.joined)
    }

    private static func keys(_ facts: [String: [String]]) -> NodeKeys? {
        guard let signing = facts["ed25519"]?.first.flatMap(Base64.decode).flatMap(SigningKey.init(rawBytes:)),
            let sealing = facts["x25519"]?.first.flatMap(Base64.decode).flatMap(SealingKey.init(rawBytes:))
        else { return nil }
        return NodeKeys(signing: signing, sealing: sealing)
    }

    private static func identity(_ keys: NodeKeys, _ facts: [String: [String]]) -> NodeIdentity? {
        let roots = (facts["root"] ?? []).compactMap(Base64.decode)
        guard let node = facts["node"]?.first.flatMap({ ID<Node>($0) }),
            let environment = facts["environment"]?.first.flatMap({ ID<Environment>($0) }),
            let pin = facts["root-pin"]?.first.flatMap(Digest.init(hex:)),
            let floor = facts["floor"]?.first.flatMap(Self.floor), !roots.isEmpty,
            roots.count == facts["root"]?.count
        else { return nil }
        let serverPin = facts["server-key-pin"]?.first.map(Digest.init(hex:))
        if case .some(nil) = serverPin { return nil }
        return NodeIdentity(
            keys: keys,
            node: node,
            environment: environment,
            rootPin: pin,
            serverKeyPin: serverPin ?? nil,
            roots: roots,
            floor: floor
        )
    }

    private static func floor(_ text: String) -> HeadPosition? {
        let parts = text.split(separator: ":").map { UInt64($0) }
        guard parts.count == 2, let epoch = parts[0], let version = parts[1] else { return nil }
        return HeadPosition(epoch: epoch, headVersion: version)
    }
}
