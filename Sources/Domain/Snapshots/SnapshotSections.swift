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

    package init(
        providers: [Provider] = [],
        models: [Model] = [],
        routes: [Route] = [],
        teams: [Team] = [],
        roles: [Role] = [],
        keys: [APIKey] = [],
        prompts: [Prompt] = [],
        issuers: [Issuer] = []
    ) {
        self.providers = providers
        self.models = models
        self.routes = routes
        self.teams = teams
        self.roles = roles
        self.keys = keys
        self.prompts = prompts
        self.issuers = issuers
    }
}
