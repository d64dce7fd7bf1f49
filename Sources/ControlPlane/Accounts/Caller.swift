/// Who calls the admin API, and what they may do with the token that they sent.
package struct Caller: Hashable, Sendable {
    /// As it stands in the audit log: a principal's name, or `issuer:subject` for somebody with another's token.
    package let name: String
    package let grants: Grants

    package init(name: String, grants: Grants) {
        self.name = name
        self.grants = grants
    }
}
