/// The parts of the console, in the order of its menu.
enum Section: String, Sendable, CaseIterable {
    case overview
    case usage
    case budgets
    case prompts
    case proposals
    case models
    case keys
    case nodes
    case audit

    var title: String { self.rawValue.withCapital }

    var link: String { self == .overview ? Link.root : Link.to(self.rawValue) }

    /// What a principal must be allowed to see, so that it is offered.
    var endpoint: String {
        switch self {
        case .overview: "/status"
        case .usage, .budgets, .prompts, .proposals, .models, .keys, .nodes, .audit: "/\(self.rawValue)"
        }
    }
}
