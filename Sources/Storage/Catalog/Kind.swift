/// The kinds of things that people write and that are kept as revisions. The raw text is the collection's name in
/// the API, in bundles and in the database.
package enum Kind: String, Hashable, Sendable, CaseIterable {
    case teams
    case roles
    case keys
    case secrets
    case providers
    case models
    case routes
    case prompts
    case principals
    case issuers
    case budgets
    case limits

    /// The word for one of them, as in `route assistant`.
    package var singular: String { String(self.rawValue.dropLast()) }
}
