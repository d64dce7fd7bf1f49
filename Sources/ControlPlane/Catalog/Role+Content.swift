package import Domain
package import Storage

extension Role: CatalogContent {
    package static var kind: Kind { .roles }
    package var title: String { self.name.text }

    package init?(_ form: inout Form) {
        let name: Name<Role>? = form.name("name")
        let routes = form.list("routes", Self.patternGrammar, NamePattern.init)
        let models = form.list("models", Self.patternGrammar, NamePattern.init)
        let explain = form.flag("explain", default: false)
        guard let name, let routes, let models else { return nil }
        self.init(name: name, routes: routes, models: models, explain: explain)
    }

    private static let patternGrammar = "must be a name, a prefix that ends in *, or *"

    package var json: JSON {
        .object([
            "name": .string(self.name.text),
            "routes": .array(self.routes.map { .string($0.text) }),
            "models": .array(self.models.map { .string($0.text) }),
            "explain": .bool(self.explain),
        ])
    }
}
