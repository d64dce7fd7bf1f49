import Domain
import Storage
import Wire

/// What nodes deny and the backup allows: brought into the catalogue as what it is, so that it stays denied. What was
/// made only after the backup is not in it, and so opens nothing.
struct CarriedDenials: Hashable, Sendable {
    private(set) var keys: [String] = []
    /// Texts of keys that were rotated since the backup.
    private(set) var texts = 0
    private(set) var models: [String] = []
    private(set) var nodes: [String] = []
    /// Keys of the node's snapshot that the backup does not know: they are gone.
    private(set) var lostKeys: [String] = []

    init() {}

    init(from fence: NodeFence, into transaction: Transaction, by deed: Deed) throws {
        try self.revokeKeys(fence, transaction, deed)
        try self.stopModels(fence.denyList, transaction, deed)
        try self.banNodes(fence.denyList, transaction, deed)
    }

    /// Revoked ones by the deny list. That is bounded: where it is full, whoever is not in the node's snapshot counts as
    /// revoked too.
    private mutating func revokeKeys(_ fence: NodeFence, _ transaction: Transaction, _ deed: Deed) throws {
        let held = Dictionary(grouping: fence.content.keys.values, by: \.id)
        let isFull = fence.denyList.revokedKeys.count >= SignedDenyList.keysMax
        var unknown = Set(held.keys)
        for revision in try transaction.reading.inForce(.keys) {
            guard let key = ID<APIKey>(revision.name) else { continue }
            unknown.remove(key)
            let isGone = isFull && held[key] == nil && revision.created < fence.manifest.published
            if isGone || fence.denyList.revokedKeys.contains(key) {
                let latest = try transaction.reading.latest(.keys, revision.name) ?? revision
                try transaction.move(latest, to: .revoked, by: deed)
                self.keys.append(revision.name)
            } else if let texts = held[key] {
                self.texts += try transaction.takeOver(
                    texts: Dictionary(texts.map { ($0.digest, $0.expires) }) { first, _ in first },
                    of: key,
                    published: fence.manifest.published,
                    by: deed
                )
            }
        }
        self.lostKeys = unknown.subtracting(fence.denyList.revokedKeys).map(\.text).sorted()
    }

    private mutating func stopModels(_ list: DenyList, _ transaction: Transaction, _ deed: Deed) throws {
        for revision in try transaction.reading.inForce(.models) {
            guard let model = Name<Model>(revision.name), list.stoppedModels.contains(model) else { continue }
            try transaction.overtakeProposals(of: .models, revision.name, by: deed)
            try transaction.move(revision, to: .stopped, by: deed)
            self.models.append(revision.name)
        }
    }

    private mutating func banNodes(_ list: DenyList, _ transaction: Transaction, _ deed: Deed) throws {
        for node in list.bannedNodes.sorted() {
            guard let known = try transaction.reading.node(node), known.state != .banned else { continue }
            _ = try transaction.move(node, to: .banned, by: deed)
            self.nodes.append(node.text)
        }
    }
}
