package import Domain

/// A change that waits for approval: one revision of one thing, asked for by one principal.
package struct Proposal: Hashable, Sendable {
    package let id: ID<Proposal>
    /// In the order in which they were made: 1, 2, 3 …
    package let number: Int64
    package let kind: Kind
    package let name: String
    /// What is proposed.
    package let revision: Int64
    package let proposer: String
    package let created: Timestamp
    /// How many principals other than the proposer must approve. Fixed when it was made.
    package let approvalsRequired: Int
    package let state: State
    package let decided: Timestamp?
    /// In the order in which they were given.
    package let votes: [Vote]

    package enum State: String, Hashable, Sendable, CaseIterable {
        case open
        case approved
        case rejected
        case withdrawn
        /// The thing was changed otherwise before anyone decided.
        case overtaken
    }

    package struct Vote: Hashable, Sendable {
        package let principal: String
        package let verdict: Verdict
        package let reason: String
        package let time: Timestamp
    }

    package enum Verdict: String, Hashable, Sendable {
        case approve
        case reject
    }

    package var approvals: Int { self.votes.count { $0.verdict == .approve } }
}
