package import Domain
import Foundation
import GRDB

extension Transaction {
    package func keep(_ token: StoredJoinToken, by deed: Deed) throws {
        try self.db.execute(
            sql: """
                INSERT INTO joinToken (id, digest, pool, usesLeft, uses, creator, created, expires)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                token.id, token.digest.column, token.pool, token.usesLeft, token.uses, deed.actor, token.created.column,
                token.expires.column,
            ]
        )
        try self.audit(
            "node.token-minted",
            "node-token/\(token.id)",
            detail: #"{"uses":\#(token.uses)}"#,
            by: deed
        )
    }

    /// Enrols a node and takes one use off its token, once: the same token and node key get the same node again,
    /// however often they ask, also after the token has expired or been used up.
    ///
    /// `id` is used if the node is new. Refusals are `EnrolmentFault`s.
    package func enrol(_ enrolment: Enrolment, as id: ID<Node>, at now: Timestamp) throws -> EnrolledNode {
        let (token, known) = try self.reading.admit(enrolment, at: now)
        if let known { return known }
        try self.db.execute(
            sql: "UPDATE joinToken SET usesLeft = usesLeft - 1 WHERE id = ?",
            arguments: [token.id]
        )
        try self.db.execute(
            sql: """
                INSERT INTO node (id, name, pool, token, ed25519, x25519, state, enrolled, stateSince, seen)
                VALUES (?, ?, ?, ?, ?, ?, 'active', ?, ?, ?)
                """,
            arguments: [
                id.text, enrolment.name, token.pool, token.id, Data(enrolment.ed25519), Data(enrolment.x25519),
                now.column,
                now.column, now.column,
            ]
        )
        try self.audit(
            "node.enrolled",
            "node/\(id)",
            detail: #"{"token":"\#(token.id)"}"#,
            by: Deed(by: "node:\(id)", at: now)
        )
        return try self.existing(id)
    }

    private func existing(_ id: ID<Node>) throws -> EnrolledNode {
        guard let node = try self.reading.node(id) else { throw StorageFault.corrupt("node \(id) is gone") }
        return node
    }

    /// A banned machine may have kept its join token, and could come back with a new key while uses are left.
    private func endToken(of id: ID<Node>) throws {
        try self.db.execute(
            sql: "UPDATE joinToken SET usesLeft = 0 WHERE id = (SELECT token FROM node WHERE id = ?)",
            arguments: [id.text]
        )
    }

    /// Moves a node to `state`, unless it is there already. A ban is for good: nothing leads out of it, and the join
    /// token that the node came with lets nobody in any more.
    ///
    /// - Returns: nil if there is no such node.
    package func move(_ id: ID<Node>, to state: EnrolledNode.State, by deed: Deed) throws -> EnrolledNode? {
        guard let node = try self.reading.node(id) else { return nil }
        guard node.state != state else { return node }
        guard node.state != .banned else {
            throw StorageFault.wrongState("node \(id) is banned; enrol it anew with another join token")
        }
        try self.db.execute(
            sql: "UPDATE node SET state = ?, stateSince = ? WHERE id = ?",
            arguments: [state.rawValue, deed.at.column, id.text]
        )
        try self.audit("node.\(state.rawValue)", "node/\(id)", by: deed)
        if state == .banned { try self.endToken(of: id) }
        return try self.existing(id)
    }

    /// Keeps what a node last said of itself. `status` is JSON.
    ///
    /// A drain is for the boot that was asked: who starts a drained node again wants it to serve.
    ///
    /// - Returns: the node's state from here on.
    package func record(
        status: String,
        of id: ID<Node>,
        boot: ID<Boot>,
        at now: Timestamp
    ) throws -> EnrolledNode.State {
        var node = try self.existing(id)
        if node.state == .draining, let drained = node.boot, drained != boot {
            let deed = Deed(by: "node:\(id)", at: now, reason: "started again")
            node = try self.move(id, to: .active, by: deed) ?? node
        }
        try self.db.execute(
            sql: "UPDATE node SET status = ?, boot = ?, seen = max(seen, ?) WHERE id = ?",
            arguments: [status, boot.text, now.column, id.text]
        )
        return node.state
    }
}

extension Reading {
    /// Whether a node may join now: its token, and the node that it is if it has joined before.
    ///
    /// Nothing is changed, so that callers can ask without taking the writer's time: anybody may knock.
    @discardableResult
    package func admit(
        _ enrolment: Enrolment,
        at now: Timestamp
    ) throws -> (token: StoredJoinToken, known: EnrolledNode?) {
        guard let token = try self.joinToken(enrolment.token), token.digest == enrolment.tokenDigest else {
            throw EnrolmentFault.unknownToken
        }
        if let known = try self.node(withKey: enrolment.ed25519) {
            return (token, try self.again(known, enrolment))
        }
        guard token.expires > now else { throw EnrolmentFault.tokenExpired }
        guard token.usesLeft > 0 else { throw EnrolmentFault.tokenUsed }
        return (token, nil)
    }

    private func again(_ known: EnrolledNode, _ enrolment: Enrolment) throws -> EnrolledNode {
        let token = try String.fetchOne(self.db, sql: "SELECT token FROM node WHERE id = ?", arguments: [known.id.text])
        guard token == enrolment.token, known.x25519 == enrolment.x25519 else { throw EnrolmentFault.keyKnown }
        guard known.state != .banned else { throw EnrolmentFault.banned }
        return known
    }

    package func joinToken(_ id: String) throws -> StoredJoinToken? {
        let row = try Row.fetchOne(self.db, sql: "SELECT * FROM joinToken WHERE id = ?", arguments: [id])
        return try row.map {
            StoredJoinToken(
                id: $0["id"],
                digest: try $0.digest("digest"),
                pool: $0["pool"],
                uses: $0["uses"],
                usesLeft: $0["usesLeft"],
                created: $0.timestamp("created"),
                expires: $0.timestamp("expires")
            )
        }
    }

    package func node(_ id: ID<Node>) throws -> EnrolledNode? {
        try Row.fetchOne(self.db, sql: "SELECT * FROM node WHERE id = ?", arguments: [id.text]).map(EnrolledNode.init)
    }

    func node(withKey ed25519: [UInt8]) throws -> EnrolledNode? {
        try Row.fetchOne(self.db, sql: "SELECT * FROM node WHERE ed25519 = ?", arguments: [Data(ed25519)])
            .map(EnrolledNode.init)
    }

    /// By id, after `after`.
    package func nodes(after: ID<Node>? = nil, limit: Int) throws -> [EnrolledNode] {
        let rows = try Row.fetchAll(
            self.db,
            sql: "SELECT * FROM node WHERE id > ? ORDER BY id LIMIT ?",
            arguments: [after?.text ?? "", limit]
        )
        return try rows.map(EnrolledNode.init)
    }

    /// Nodes that were heard since `time` and are not banned.
    package func liveNodes(since time: Timestamp) throws -> Int {
        try Int.fetchOne(
            self.db,
            sql: "SELECT count(*) FROM node WHERE seen >= ? AND state <> 'banned'",
            arguments: [time.column]
        ) ?? 0
    }

    /// The most recently banned come first, at most `limit`.
    package func bannedNodes(limit: Int) throws -> [(id: ID<Node>, since: Timestamp)] {
        try Row.fetchAll(
            self.db,
            sql: "SELECT id, stateSince FROM node WHERE state = 'banned' ORDER BY stateSince DESC, id LIMIT ?",
            arguments: [limit]
        ).map { (id: try $0.id("id"), since: $0.timestamp("stateSince")) }
    }
}

extension EnrolledNode {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id("id"),
            name: row["name"],
            pool: row["pool"],
            ed25519: Array(row["ed25519"] as Data),
            x25519: Array(row["x25519"] as Data),
            state: try row.choice("state"),
            enrolled: row.timestamp("enrolled"),
            stateSince: row.timestamp("stateSince"),
            seen: row.timestamp("seen"),
            boot: (row["boot"] as String?).flatMap(ID.init),
            status: row["status"]
        )
    }
}
