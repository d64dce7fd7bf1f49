package import Domain
package import Storage
import Wire

extension Fleet: NodeKeeper {
    package func nodes(after: ID<Node>?, limit: Int) async throws -> [NodeSummary] {
        try await self.database.read { reading in
            let head = try reading.head()
            return try reading.nodes(after: after, limit: limit).map { try NodeSummary($0, head: head) }
        }
    }

    package func node(_ id: ID<Node>) async throws -> NodeSummary? {
        try await self.database.read { reading in
            let head = try reading.head()
            return try reading.node(id).map { try NodeSummary($0, head: head) }
        }
    }

    package func liveness(at now: Timestamp) async throws -> (live: Int, silent: Int) {
        let since = now.advanced(byMilliseconds: -HeadSigner.aliveMilliseconds)
        return try await self.database.read { reading in
            let live = try reading.liveNodes(since: since)
            return (live, try reading.liveNodes(since: Timestamp(unixMilliseconds: 0)) - live)
        }
    }

    /// The token's text is shown once; only the digest of its secret is kept. Uses and life are held to their bounds.
    package func mintToken(
        uses: Int,
        ttlMilliseconds: Int64,
        pool: String,
        by deed: Deed
    ) async throws -> JoinTokenGrant {
        let uses = min(max(uses, 1), Self.usesMax)
        let expires = deed.at.advanced(byMilliseconds: min(max(ttlMilliseconds, 1_000), Self.ttlMillisecondsMax))
        let anchor = self.anchor
        let token = try await self.database.write { transaction in
            let head = try transaction.reading.head()
            var random = SystemRandomNumberGenerator()
            let token = JoinToken.mint(
                serverKeyPin: anchor.serverKeyPin,
                rootDigest: anchor.rootDigest,
                floor: HeadPosition(epoch: head?.epoch ?? 0, headVersion: head?.version ?? 0),
                using: &random
            )
            let stored = StoredJoinToken(
                id: token.id.text,
                digest: token.secretDigest,
                pool: pool,
                uses: uses,
                usesLeft: uses,
                created: deed.at,
                expires: expires
            )
            try transaction.keep(stored, by: deed)
            return token
        }
        return JoinTokenGrant(id: token.id.text, text: token.text, expires: expires, uses: uses)
    }

    package func drain(_ id: ID<Node>, by deed: Deed) async throws -> NodeSummary? {
        try await self.move(id, to: .draining, by: deed)
    }

    /// From the commit on the node's calls are refused, and a new deny list tells the node itself.
    package func ban(_ id: ID<Node>, by deed: Deed) async throws -> NodeSummary? {
        let node = try await self.move(id, to: .banned, by: deed)
        if node != nil { self.changes.denyListChanged() }
        return node
    }

    private func move(_ id: ID<Node>, to state: EnrolledNode.State, by deed: Deed) async throws -> NodeSummary? {
        try await self.database.write { transaction in
            let head = try transaction.reading.head()
            return try transaction.move(id, to: state, by: deed).map { try NodeSummary($0, head: head) }
        }
    }
}

extension NodeSummary {
    fileprivate init(_ node: EnrolledNode, head: HeadReferences?) throws {
        let status = try node.status.map { try StoredStatus(json: $0) }
        let refusal = status?.refused.last.map { "\($0.stage)/\($0.code): \($0.detail)" }
        let snapshot = status?.snapshot
        self.init(
            id: node.id,
            name: node.name,
            pool: node.pool,
            state: status?.isDraining == true && node.state == .active ? "draining" : node.state.rawValue,
            enrolled: node.enrolled,
            lastSeen: status == nil ? nil : node.seen,
            snapshot: snapshot,
            isCurrent: snapshot.map { $0.epoch == head?.epoch && $0.headVersion == head?.version } ?? false,
            spooled: status.map { Int64(clamping: $0.spooled) },
            refusal: refusal ?? "",
            build: status?.version ?? "",
            warnings: status?.warnings ?? []
        )
    }
}
