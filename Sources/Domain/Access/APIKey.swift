/// What a node knows of a key that applications send: the digest of its text, never the text.
package struct APIKey: Hashable, Sendable {
    package let id: ID<APIKey>
    package let digest: Digest
    package let expires: Timestamp?
    /// Whoever holds it.
    package let application: Application

    package var team: Name<Team> { self.application.team }
    package var roles: [Name<Role>] { self.application.roles }

    package init(id: ID<APIKey>, digest: Digest, team: Name<Team>, roles: [Name<Role>], expires: Timestamp?) {
        self.id = id
        self.digest = digest
        self.expires = expires
        self.application = Application(id: ApplicationID(id), team: team, roles: roles)
    }
}
