/// Whoever's token holds `value` under `claim` belongs to this team and has these roles.
package struct ApplicationRule: Hashable, Sendable {
    package let claim: String
    package let value: String
    package let team: Name<Team>
    package let roles: [Name<Role>]

    package init(claim: String, value: String, team: Name<Team>, roles: [Name<Role>]) {
        self.claim = claim
        self.value = value
        self.team = team
        self.roles = roles
    }
}
