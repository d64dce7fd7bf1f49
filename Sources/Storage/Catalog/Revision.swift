package import Domain

/// One version of one thing: what was written, by whom, and what has become of it. Never changed, never removed.
///
/// A step in a thing's life (proposed, approved, archived …) is a new revision too, so that its history says it all.
package struct Revision: Hashable, Sendable {
    package let kind: Kind
    package let name: String
    /// 1, 2, 3 … for each (kind, name); the ETag of the API.
    package let revision: Int64
    /// Canonical JSON: sorted members, no blanks. Never a secret.
    package let content: String
    /// The principal who made this revision.
    package let author: String
    package let state: State
    package let created: Timestamp

    package enum State: String, Hashable, Sendable, CaseIterable {
        /// Written, but not asked for.
        case draft
        /// Waits for approval.
        case proposed
        /// Good: it is what snapshots are compiled from.
        case approved
        /// Refused; what was in force before stays so.
        case rejected
        /// In force, but to be left.
        case deprecated
        /// Out of force at once.
        case stopped
        /// A key that must not be used any more.
        case revoked
        /// Deleted, as far as that goes.
        case archived

        /// What a revision in this state does to the one in force.
        var effect: Effect {
            switch self {
            case .approved, .deprecated: .comesIntoForce
            case .stopped, .revoked, .archived: .endsForce
            case .draft, .proposed, .rejected: .none
            }
        }

        enum Effect {
            case comesIntoForce
            case endsForce
            case none
        }
    }
}

/// A thing of the catalogue: its newest revision and the one that is in force.
package struct Item: Hashable, Sendable {
    package let latest: Revision
    /// What snapshots are compiled from; nil if nothing of it is in force.
    package let inForce: Revision?
}
