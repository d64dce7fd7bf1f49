/// A name that an application may ask for: a route, or an approved model by its own name.
package struct Offer: Hashable, Sendable {
    package let name: String
    /// `martlet` for a route, the provider for a model.
    package let owner: String

    package init(name: String, owner: String) {
        self.name = name
        self.owner = owner
    }
}

extension Snapshot {
    /// What the application's roles permit, routes first, each kind by name. A stopped model is not offered; a route is
    /// even if all of its models are stopped, because it comes back with them.
    package func offers(to application: Application) -> [Offer] {
        let roles = application.roles.compactMap { self.content.roles[$0] }
        let routes = self.content.routes.keys
            .filter { name in roles.contains { role in role.routes.contains { $0.matches(name.text) } } }
            .sorted()
            .map { Offer(name: $0.text, owner: "martlet") }
        let models = self.content.models.values
            .filter { !self.denyList.stoppedModels.contains($0.name) }
            .filter { model in roles.contains { role in role.models.contains { $0.matches(model.name.text) } } }
            .sorted { $0.name < $1.name }
            .map { Offer(name: $0.name.text, owner: $0.provider.text) }
        return routes + models
    }
}
