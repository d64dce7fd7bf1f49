import Domain
import Storage

/// `{"claim": "azp", "value": "ci-runner", "team": "demo", "roles": ["everyone"]}`.
extension ApplicationRule {
    /// As many as a key has.
    private static let rolesMax = 64

    init?(_ form: inout Form) {
        let claim = form.text("claim")
        let value = form.text("value")
        let team: Name<Team>? = form.name("team")
        let roles: [Name<Role>]? = form.names("roles", isRequired: true, countMax: Self.rolesMax)
        form.finish()
        guard let claim, let value, let team, let roles, form.isGood else { return nil }
        self.init(claim: claim, value: value, team: team, roles: roles)
    }

    var json: JSON {
        .object([
            "claim": .string(self.claim), "value": .string(self.value), "team": .string(self.team.text),
            "roles": .array(self.roles.map { .string($0.text) }),
        ])
    }

    func references(at pointer: String) -> [Reference] {
        [Reference(pointer: "\(pointer)/team", kind: .teams, name: self.team.text)]
            + self.roles.enumerated().map {
                Reference(pointer: "\(pointer)/roles/\($0.offset)", kind: .roles, name: $0.element.text)
            }
    }
}
