/// What a page shows: the name of its template, and the values that stand in it.
struct Page: Sendable {
    let title: String
    let section: Section?
    let template: Templates.Name
    let content: JSON
    var status = 200
    var hasCharts = false

    init(_ title: String, in section: Section?, _ template: Templates.Name, _ content: JSON) {
        self.title = title
        self.section = section
        self.template = template
        self.content = content
    }
}

/// The parts of the console, in the order of its menu.
enum Section: String, Sendable, CaseIterable {
    case overview
    case usage
    case prompts
    case proposals
    case models
    case keys
    case nodes
    case audit

    var title: String { self.rawValue.prefix(1).uppercased() + self.rawValue.dropFirst() }

    var link: String { self == .overview ? Link.root : Link.to(self.rawValue) }

    /// What a principal must be allowed to see, so that it is offered.
    var endpoint: String {
        switch self {
        case .overview: "/status"
        case .usage, .prompts, .proposals, .models, .keys, .nodes, .audit: "/\(self.rawValue)"
        }
    }
}

/// A deed that was done: where to go on, and what to say there.
struct Done: Sendable {
    let location: String
    let word: String
}

/// A file that is handed out.
struct Download: Sendable {
    let name: String
    let type: String
    let text: String
}

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
}
