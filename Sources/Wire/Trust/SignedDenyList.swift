package import Domain
import Schemas

/// A deny list as it travels: under every snapshot, pinned by the head's digest.
package struct SignedDenyList: Hashable, Sendable {
    package static let format: UInt32 = 1
    package static let entriesMax = 4_096

    package var environment: ID<Environment>
    /// Its number is from 1.
    package var list: DenyList

    package init(environment: ID<Environment>, list: DenyList) {
        self.environment = environment
        self.list = list
    }

    package func encoded() -> [UInt8] {
        var message = PBDenyList()
        message.format = Self.format
        message.environment = self.environment.text
        message.number = self.list.number
        let subjects: [PBDenyEntry.OneOf_Subject] =
            self.list.revokedKeys.sorted().map { .keyID($0.text) }
            + self.list.bannedNodes.sorted().map { .nodeID($0.text) }
            + self.list.stoppedModels.sorted().map { .model($0.text) }
        message.entries = subjects.map { subject in
            var entry = PBDenyEntry()
            entry.subject = subject
            return entry
        }
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> SignedDenyList {
        let message = try PBDenyList(strictly: bytes, atMost: Head.denyListSizeMax)
        try Check.format(message.format, supported: Self.format, "the deny list")
        try Check.count(message.entries.count, atMost: Self.entriesMax, "deny list entries")
        var keys: Set<ID<APIKey>> = []
        var nodes: Set<ID<Node>> = []
        var models: Set<Name<Model>> = []
        for entry in message.entries {
            switch entry.subject {
            case .keyID(let text): keys.insert(try Check.id(text, "key_id"))
            case .nodeID(let text): nodes.insert(try Check.id(text, "node_id"))
            case .model(let text): models.insert(try Check.name(text, "model"))
            // A kind of subject that this build cannot deny must not pass for one that nobody denies.
            case nil: throw WireError(.invalid, "an entry of the deny list has no subject that this build knows")
            }
        }
        return SignedDenyList(
            environment: try Check.id(message.environment, "environment"),
            list: DenyList(
                number: try Check.number(message.number, "number"),
                revokedKeys: keys,
                bannedNodes: nodes,
                stoppedModels: models
            )
        )
    }
}
