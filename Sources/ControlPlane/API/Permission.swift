/// What an endpoint asks of whoever calls it. The table of roles stands here and nowhere else.
package enum Permission: String, Hashable, Sendable, CaseIterable {
    /// See everything but the audit log and other people's accounts.
    case read
    /// Write drafts, take effect where no approval is needed, propose what needs it.
    case write
    /// Decide on somebody else's proposal.
    case approve
    /// Take a model out of service at once.
    case stop
    /// Publish and roll back snapshots.
    case publish
    /// Let nodes join, drain them and shut them out; set the values of secrets.
    case operate
    /// End a key at once.
    case revoke
    /// Read and verify the audit log.
    case audit
    /// See and change principals and their tokens.
    case administer

    /// Who has it. An admin has all; being allowed to approve never includes approving one's own.
    package var roles: [PrincipalRole] {
        switch self {
        case .read: PrincipalRole.allCases
        case .write: [.author, .admin]
        case .approve: [.approver, .admin]
        case .stop: [.approver, .publisher, .operator, .admin]
        case .publish: [.publisher, .admin]
        case .operate: [.operator, .admin]
        case .revoke: [.author, .operator, .admin]
        case .audit: [.auditor, .admin]
        case .administer: [.admin]
        }
    }
}
