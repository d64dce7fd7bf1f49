/// What a node knows of a key that applications send: the digest of its text, never the text.
package struct APIKey: Hashable, Sendable {
    package let id: ID<APIKey>
    package let digest: Digest
    package let team: Name<Team>
    package let roles: [Name<Role>]
    package let expires: Timestamp?

    package init(id: ID<APIKey>, digest: Digest, team: Name<Team>, roles: [Name<Role>], expires: Timestamp?) {
        self.id = id
        self.digest = digest
        self.team = team
        self.roles = roles
        self.expires = expires
    }
}
