package import Domain
package import Storage

// What the admin API asks of the other rooms of the control plane. Each has two implementations: the room's own,
// and the tests' that answers from a script.

/// Says who comes with a token that is not one of our own.
package protocol IdentityVerifier: Sendable {
    /// - Throws: `Problem` that says why the token opens nothing, or that nobody can say so now.
    func caller(with token: String, at now: Timestamp) async throws -> Caller
}

/// Told what was committed, so that snapshots follow. Called after the commit; never waits.
package protocol ChangeListener: Sendable {
    /// Something that snapshots are compiled from is different: publish soon.
    func contentChanged()
    /// A key was revoked, a node banned or a model stopped: sign a new head at once.
    func denyListChanged()
}

/// Snapshots that were published, and publishing by hand.
package protocol SnapshotKeeper: Sendable {
    /// Newest first, before `sequence`.
    func snapshots(before sequence: UInt64?, limit: Int) async throws -> [SnapshotSummary]
    func snapshot(_ sequence: UInt64) async throws -> SnapshotSummary?
    /// Publishes what is in force now, also if nothing changed.
    func publish(by deed: Deed) async throws -> SnapshotSummary
    /// Publishes the content of an older snapshot under a new number; nil if there is none of that number.
    func rollback(to sequence: UInt64, by deed: Deed) async throws -> SnapshotSummary?
    /// Why the last try to publish failed; nil if it did not.
    func lastFault() async -> String?
    /// The audit heads that manifests carry, for `audit/verify`.
    func auditWitnesses() async throws -> [AuditHead]
}

package struct SnapshotSummary: Hashable, Sendable {
    package let sequence: UInt64
    package let epoch: UInt64
    /// Of the head that first carried it.
    package let headVersion: UInt64
    package let published: Timestamp
    package let author: String
    package let comment: String
    /// Of the manifest.
    package let digest: Digest
    package let auditHead: AuditHead?
    /// What it holds, by section: `catalog`, `routes`, `access`, `keys` with the number of entries.
    package let counts: [String: Int]
    package let isCurrent: Bool

    package init(
        sequence: UInt64,
        epoch: UInt64,
        headVersion: UInt64,
        published: Timestamp,
        author: String,
        comment: String,
        digest: Digest,
        auditHead: AuditHead?,
        counts: [String: Int],
        isCurrent: Bool
    ) {
        self.sequence = sequence
        self.epoch = epoch
        self.headVersion = headVersion
        self.published = published
        self.author = author
        self.comment = comment
        self.digest = digest
        self.auditHead = auditHead
        self.counts = counts
        self.isCurrent = isCurrent
    }
}

/// What publishing refuses, with what does not compile; shown to the publisher as a 422.
package struct PublishingFault: Error, Hashable, Sendable {
    package let detail: String

    package init(_ detail: String) { self.detail = detail }
}

/// The fleet: who is enrolled, and the tokens that let more join.
package protocol NodeKeeper: Sendable {
    /// By id, after `after`.
    func nodes(after: ID<Node>?, limit: Int) async throws -> [NodeSummary]
    func node(_ id: ID<Node>) async throws -> NodeSummary?
    /// Nodes heard of lately, and nodes that are enrolled, not banned and silent.
    func liveness(at now: Timestamp) async throws -> (live: Int, silent: Int)
    /// The token's text is shown once.
    func mintToken(uses: Int, ttlMilliseconds: Int64, pool: String, by deed: Deed) async throws -> JoinTokenGrant
    /// Nil if there is no such node.
    func drain(_ id: ID<Node>, by deed: Deed) async throws -> NodeSummary?
    func ban(_ id: ID<Node>, by deed: Deed) async throws -> NodeSummary?
}

package struct NodeSummary: Hashable, Sendable {
    package let id: ID<Node>
    package let name: String
    package let pool: String
    /// `active`, `draining` or `banned`.
    package let state: String
    package let enrolled: Timestamp
    package let lastSeen: Timestamp?
    /// What it enforces, as it last said.
    package let snapshot: SnapshotVersion?
    /// Whether that is what the head says.
    package let isCurrent: Bool
    /// Usage records that it has not had acknowledged; nil if it has not said.
    package let spooled: Int64?
    /// Why it refused the newest snapshot; empty if it did not.
    package let refusal: String
    package let build: String
    /// Failures that it lives with.
    package let warnings: [String]

    package init(
        id: ID<Node>,
        name: String,
        pool: String,
        state: String,
        enrolled: Timestamp,
        lastSeen: Timestamp?,
        snapshot: SnapshotVersion?,
        isCurrent: Bool,
        spooled: Int64?,
        refusal: String,
        build: String,
        warnings: [String] = []
    ) {
        self.id = id
        self.name = name
        self.pool = pool
        self.state = state
        self.enrolled = enrolled
        self.lastSeen = lastSeen
        self.snapshot = snapshot
        self.isCurrent = isCurrent
        self.spooled = spooled
        self.refusal = refusal
        self.build = build
        self.warnings = warnings
    }
}

package struct JoinTokenGrant: Hashable, Sendable {
    package let id: String
    /// `mj1.…`
    package let text: String
    package let expires: Timestamp
    package let uses: Int

    package init(id: String, text: String, expires: Timestamp, uses: Int) {
        self.id = id
        self.text = text
        self.expires = expires
        self.uses = uses
    }
}

/// Usage, added up.
package protocol UsageReporter: Sendable {
    /// For each grouping, from one reading: one row per group and step that has anything, ordered by time and then by
    /// group; at most `UsageQuery.rowsMax`, and one more if there are more.
    func usage(_ query: UsageQuery) async throws -> [[UsageRow]]
}

package struct UsageQuery: Hashable, Sendable {
    package static let rowsMax = 10_000

    package let groupings: [Grouping]
    /// Included.
    package let from: Timestamp
    /// Excluded.
    package let to: Timestamp
    /// Only what these teams used; nil: everybody's.
    package let teams: Set<Name<Team>>?

    package init(_ groupings: [Grouping], from: Timestamp, to: Timestamp, teams: Set<Name<Team>>? = nil) {
        self.groupings = groupings
        self.from = from
        self.to = to
        self.teams = teams
    }

    package struct Grouping: Hashable, Sendable {
        /// In the order in which they were asked for; empty: everything in one group.
        package let by: [Dimension]
        /// Nil: the whole time in one step. A whole number of minutes.
        package let stepMilliseconds: Int64?

        package init(by: [Dimension] = [], stepMilliseconds: Int64? = nil) {
            self.by = by
            self.stepMilliseconds = stepMilliseconds
        }
    }

    package enum Dimension: String, Hashable, Sendable, CaseIterable {
        case team
        case key
        case user
        case route
        case model
        case provider
        case task
        case prompt
    }
}

package struct UsageRow: Hashable, Sendable {
    /// The step's begin.
    package let time: Timestamp
    /// One value for each dimension asked for, in that order; empty where an event had none.
    package let group: [String]
    package let exchanges: Int64
    package let attempts: Int64
    package let answered: Int64
    /// Failed, timed out, cut, cancelled or lost.
    package let failed: Int64
    package let denied: Int64
    package let unconfirmed: Int64
    /// Nil: no event knew the count, which is not the same as zero.
    package let tokens: TokenCounts
    package let cost: Money
    /// Of the whole exchange, in microseconds.
    package let latency: Histogram
    /// Attempts that do not know their input or their output.
    package let unknownCounts: Int64
    /// Events whose cost is not what the price that they name gives.
    package let costMismatches: Int64
    /// In microseconds, of attempts that answered anything.
    package let firstToken: Histogram

    package init(
        time: Timestamp,
        group: [String],
        exchanges: Int64,
        attempts: Int64,
        answered: Int64,
        failed: Int64,
        denied: Int64,
        unconfirmed: Int64,
        tokens: TokenCounts,
        cost: Money,
        latency: Histogram,
        unknownCounts: Int64 = 0,
        costMismatches: Int64 = 0,
        firstToken: Histogram = Histogram()
    ) {
        self.time = time
        self.group = group
        self.exchanges = exchanges
        self.attempts = attempts
        self.answered = answered
        self.failed = failed
        self.denied = denied
        self.unconfirmed = unconfirmed
        self.tokens = tokens
        self.cost = cost
        self.latency = latency
        self.unknownCounts = unknownCounts
        self.costMismatches = costMismatches
        self.firstToken = firstToken
    }
}

/// Where the values of secrets are kept: sealed, and never read back through the API.
package protocol SecretKeeper: Sendable {
    /// Seals the value before any transaction: the secret's next version, bound to its name and that version.
    func seal(_ value: [UInt8], of name: Name<Secret>, version: UInt64) throws -> [UInt8]
    /// Puts a sealed value into the transaction.
    func keep(
        _ sealed: [UInt8],
        of name: Name<Secret>,
        version: UInt64,
        in transaction: Transaction,
        by deed: Deed
    ) throws
    /// The version whose value was set last; nil if none was.
    func version(of name: Name<Secret>, in reading: Reading) throws -> UInt64?
}
