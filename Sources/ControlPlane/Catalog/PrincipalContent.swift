package import Domain
package import Storage

/// Who may administer, and in which roles, everywhere or for single teams.
package struct PrincipalContent: CatalogContent {
    package static var kind: Kind { .principals }
    package static var kindsNamed: Set<Kind> { [.teams] }

    package let name: Name<Principal>
    package let grants: Grants

    package init(name: Name<Principal>, grants: Grants) {
        self.name = name
        self.grants = grants
    }

    package var title: String { self.name.text }

    package init?(_ form: inout Form) {
        let name: Name<Principal>? = form.name("name")
        let grants = Grants(&form)
        if let name, Deed.isReserved(name.text) {
            form.add("name", "stands in the audit log for the control plane itself")
        }
        if grants?.isEmpty == true { form.add("roles", "must name at least one role, here or for a team") }
        guard let name, let grants, form.isGood else { return nil }
        self.init(name: name, grants: grants)
    }

    package var json: JSON { .object(self.grants.members).merging(["name": .string(self.name.text)]) }

    package var references: [Reference] {
        self.grants.teams.keys.sorted().map {
            Reference(pointer: "/teams/\($0)", kind: .teams, name: $0.text)
        }
    }

    /// Its tokens end with it: they would open the next one of its name.
    package static func followArchiving(of name: String, in transaction: Transaction, by deed: Deed) throws {
        guard let principal = Name<Principal>(name) else { return }
        try transaction.revokeTokens(of: principal, by: deed)
        try transaction.reading.requireAdmin(at: deed.at)
    }
}

/// What a principal may do; see `Permission`.
package enum PrincipalRole: String, Hashable, Sendable, CaseIterable {
    case viewer
    case author
    case approver
    case publisher
    case `operator`
    case auditor
    case admin

    /// Those that mean something for one team. The others act on the whole installation.
    package static let ofTeams: [PrincipalRole] = [.viewer, .author, .operator]
}
