package import Domain
package import Storage

/// What people say of an API key: whose it is and what it may ask for. Its text is kept apart, as a digest.
package struct KeyContent: CatalogContent {
    package static var kind: Kind { .keys }
    package static var kindsNamed: Set<Kind> { [.teams, .roles] }
    package static var isDenied: Bool { true }

    package let id: ID<APIKey>
    package let team: Name<Team>
    package let roles: [Name<Role>]
    package let expires: Timestamp?
    /// For people: what the key is for. Empty if nobody said.
    package let description: String

    package var title: String { self.id.text }
    package var owner: Name<Team>? { self.team }

    /// As many as a snapshot holds.
    private static let rolesMax = 64

    /// The id is the server's to give; it is put into the body before this reads it.
    package init?(_ form: inout Form) {
        let id = form.text("id").flatMap(ID<APIKey>.init)
        if id == nil, form.isGood { form.add("id", "is no key's id") }
        let team: Name<Team>? = form.name("team")
        let roles: [Name<Role>]? = form.names("roles", countMax: Self.rolesMax)
        let expires = form.timeIfPresent("expires")
        let description = form.textIfPresent("description", lengthMax: 200)
        guard let id, let team, let roles, form.isGood else { return nil }
        self.id = id
        self.team = team
        self.roles = roles
        self.expires = expires
        self.description = description ?? ""
    }

    package var json: JSON {
        var members: [String: JSON] = [
            "id": .string(self.id.text), "team": .string(self.team.text),
            "roles": .array(self.roles.map { .string($0.text) }),
        ]
        if let expires = self.expires { members["expires"] = .string(expires.rfc3339) }
        if !self.description.isEmpty { members["description"] = .string(self.description) }
        return .object(members)
    }

    package var references: [Reference] {
        [Reference(pointer: "/team", kind: .teams, name: self.team.text)]
            + self.roles.enumerated().map {
                Reference(pointer: "/roles/\($0.offset)", kind: .roles, name: $0.element.text)
            }
    }

    /// The key as nodes know it by one of its texts; the text's own end counts where it is sooner.
    package func key(_ text: KeyDigest) -> APIKey {
        let ends = [self.expires, text.expires].compactMap { $0 }
        return APIKey(id: self.id, digest: text.digest, team: self.team, roles: self.roles, expires: ends.min())
    }
}
