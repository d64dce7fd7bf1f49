import Domain
import Storage
import Wire

extension SignedDenyList {
    /// So many of each kind at most, the latest first: the list is bounded to 64 KiB. An older entry is not needed once
    /// its subject is in no snapshot that a node may still hold.
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
        ]
    }
}
