import Domain
import Storage
import Wire

extension SignedDenyList {
    /// So many of each kind at most, the latest first: the list is bounded to 64 KiB. An older entry is not needed once
    /// its subject is in no snapshot that a node may still go back to, which the floor sees to.
    static let keysMax = 1_000
    static let nodesMax = 200
    static let modelsMax = 200

    /// What is denied now: keys and models that were taken out of force, nodes that were banned.
    init(inForce reading: Reading, environment: ID<Domain.Environment>) throws {
        let keys = try reading.latestTakenOutOfForce(.keys, limit: Self.keysMax)
        let models = try reading.latestTakenOutOfForce(.models, limit: Self.modelsMax)
        let nodes = try reading.bannedNodes(limit: Self.nodesMax)
        self.init(
            environment: environment,
            list: DenyList(
                revokedKeys: Set(keys.compactMap(ID.init)),
                bannedNodes: Set(nodes.map(\.id)),
                stoppedModels: Set(models.compactMap(Name.init))
            )
        )
    }

    /// How a head names it. `content` leaves the number out, so that the same entries have the same digest.
    func entry(number: UInt64) -> HeadReferences.Deny {
        let unnumbered = SignedDenyList(environment: self.environment, list: self.list.numbered(1))
        return HeadReferences.Deny(
            number: number,
            blob: BlobReference(BlobRef(of: self.encoded())),
            content: Digest.sha256(of: unnumbered.encoded())
        )
    }
}

extension Reading {
    /// The lowest `seq` that nodes may still go back to while the deny list holds the newest `1/share` of what it has
    /// room for: the first whose content has nothing that the list leaves out. `next`, if that is still to be published.
    func floor(next: UInt64, share: Int = 1) throws -> UInt64 {
        let entries = [
            try self.lastEntryOnForgotten(.keys, limit: SignedDenyList.keysMax / share),
            try self.lastEntryOnForgotten(.models, limit: SignedDenyList.modelsMax / share),
        ]
        guard let entry = entries.compactMap({ $0 }).max() else { return 0 }
        return try self.firstPublication(sinceEntry: entry) ?? next
    }

    /// The floor of the next snapshot. Once it has to rise it rises for half a list more, so that not every
    /// revocation from then on costs a snapshot and a node's ways back.
    func nextFloor(after last: Publication?) throws -> UInt64 {
        guard let last else { return 0 }
        let next = try self.nextSeq()
        guard try self.floor(next: next) > last.floorSeq else { return last.floorSeq }
        return try max(last.floorSeq, self.floor(next: next, share: 2))
    }
}

extension DenyList {
    func numbered(_ number: UInt64) -> DenyList {
        DenyList(
            number: number,
            revokedKeys: self.revokedKeys,
            bannedNodes: self.bannedNodes,
            stoppedModels: self.stoppedModels
        )
    }
}

extension SnapshotSections {
    /// How many things it holds, by kind, for people.
    var counts: [String: Int] {
        [
            "providers": self.providers.count, "models": self.models.count, "routes": self.routes.count,
            "teams": self.teams.count, "roles": self.roles.count, "keys": self.keys.count,
            "prompts": self.prompts.count, "issuers": self.issuers.count,
            "budgets": self.budgets.count, "limits": self.limits.count,
        ]
    }
}
