/// How much of a scope's traffic may pass at once and in a minute, over all nodes. Each of the three may be left out.
package struct Limit: Nameable, Hashable, Sendable {
    package let name: Name<Limit>
    package let scope: Scope
    /// What has an allowance of its own.
    package let per: Division
    package let requestsPerMinute: Int64?
    package let tokensPerMinute: Int64?
    /// Exchanges under way at the same time.
    package let concurrent: Int64?

    /// Of each of the three.
    package static let countMax: Int64 = 1_000_000_000

    package init(
        name: Name<Limit>,
        scope: Scope = Scope(),
        per: Division = .none,
        requestsPerMinute: Int64? = nil,
        tokensPerMinute: Int64? = nil,
        concurrent: Int64? = nil
    ) {
        self.name = name
        self.scope = scope
        self.per = per
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.concurrent = concurrent
    }
}
