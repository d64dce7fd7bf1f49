/// Who sends exchanges, once a key or a token of an issuer has shown who it is.
package struct Application: Hashable, Sendable {
    package let id: ApplicationID
    package let team: Name<Team>
    package let roles: [Name<Role>]
    /// The user of what it asks for where it names none: whom its token is about. Empty for a key.
    package let subject: String

    package init(id: ApplicationID, team: Name<Team>, roles: [Name<Role>], subject: String = "") {
        self.id = id
        self.team = team
        self.roles = roles
        self.subject = subject
    }
}
