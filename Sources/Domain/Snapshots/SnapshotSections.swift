/// The contents of a snapshot as values, before they are checked against each other: what the control plane
/// compiles and what a node decodes.
package struct SnapshotSections: Hashable, Sendable {
    package var providers: [Provider]
    package var models: [Model]
    package var routes: [Route]
    package var teams: [Team]
    package var roles: [Role]
    package var keys: [APIKey]
    package var prompts: [Prompt]
    package var issuers: [Issuer]
    package var budgets: [Budget]
    package var limits: [Limit]

    package init(
        providers: [Provider] = [],
        models: [Model] = [],
        routes: [Route] = [],
        teams: [Team] = [],
        roles: [Role] = [],
        keys: [APIKey] = [],
        prompts: [Prompt] = [],
        issuers: [Issuer] = [],
        budgets: [Budget] = [],
        limits: [Limit] = []
    ) {
        self.providers = providers
        self.models = models
        self.routes = routes
        self.teams = teams
        self.roles = roles
        self.keys = keys
        self.prompts = prompts
        self.issuers = issuers
        self.budgets = budgets
        self.limits = limits
    }
}
