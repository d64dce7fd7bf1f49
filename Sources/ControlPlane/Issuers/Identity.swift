import Domain

/// Somebody whom an issuer named to us, by a token that was good when it came. The token itself is not kept.
struct Identity: Sendable {
    let claims: Claims
    let source: Source

    /// How they came, which says how long it holds.
    enum Source: Hashable, Sendable {
        /// They showed a token that is good for the admin API: as long as the token is.
        case token
        /// They signed in at the issuer, to this client: as long as the console's session.
        case console(clientID: String)
    }
}
