package import Domain
package import Storage

/// Who may administer, and in which roles.
package struct PrincipalContent: CatalogContent {
    package static var kind: Kind { .principals }

    package let name: Name<Principal>
    package let roles: [PrincipalRole]

    package init(name: Name<Principal>, roles: [PrincipalRole]) {
        self.name = name
        self.roles = roles
    }

    package var title: String { self.name.text }

    package init?(_ form: inout Form) {
        let name: Name<Principal>? = form.name("name")
        let words = PrincipalRole.allCases.map(\.rawValue).joined(separator: ", ")
        let roles = form.list("roles", isRequired: true, "must be one of: \(words)", PrincipalRole.init)
        if roles?.isEmpty == true { form.add("roles", "must name at least one role") }
        guard let name, let roles, form.isGood else { return nil }
        self.init(name: name, roles: roles)
    }

    package var json: JSON {
        .object([
            "name": .string(self.name.text), "roles": .array(self.roles.map { .string($0.rawValue) }),
        ])
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
}
