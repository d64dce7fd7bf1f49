/// One address of the console.
struct ConsoleRoute: Sendable {
    /// Beneath `/console`, as the admin API spells paths: `models/{name}/stop`.
    let path: String
    let action: Action

    enum Action: Sendable {
        case show(@Sendable (Visit) async throws -> Page)
        case download(@Sendable (Visit) async throws -> Download)
        /// Does what a form says; if it is refused, shows the form's page again with the reason and what was typed.
        case perform(@Sendable (Visit) async throws -> Done, orShow: @Sendable (Visit) async throws -> Page)
    }

    init(_ path: String, _ action: Action) {
        self.path = path
        self.action = action
    }

    static func show(_ path: String, _ page: @escaping @Sendable (Visit) async throws -> Page) -> ConsoleRoute {
        ConsoleRoute(path, .show(page))
    }

    var isForm: Bool {
        switch self.action {
        case .perform: true
        case .show, .download: false
        }
    }
}
