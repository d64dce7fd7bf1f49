import Mustache

/// The console's templates, parsed at start. They are Swift so that the control plane stays one file to copy: a resource
/// bundle would have to be found again wherever the program is put.
///
/// `{{x}}` escapes. Only the layout takes HTML as it is (`{{{main}}}`), from another template.
struct Templates: Sendable {
    private let library: MustacheLibrary

    enum Name: String, CaseIterable, Sendable {
        case layout
        case signIn
        case problem
        case overview
        case usage
        case budgets
        case budget
        case limits
        case prompts
        case prompt
        case proposals
        case proposal
        case models
        case model
        case keys
        case key
        case nodes
        case node
        case audit
    }

    init() throws {
        MustacheContentTypes.register(Escaping(), named: Escaping.name)
        var library = MustacheLibrary()
        let pages = Name.allCases.map { ($0.rawValue, Self.text(of: $0)) }
        for (name, text) in pages + Self.partials.map({ ($0.key, $0.value) }) {
            // Every template says it, since a partial begins anew with the library's own escaping.
            try library.register("{{% CONTENT_TYPE: \(Escaping.name)}}\(text)", named: name)
        }
        self.library = library
    }

    func render(_ name: Name, _ content: JSON) -> String {
        guard let text = self.library.render(content.context, withTemplate: name.rawValue) else {
            preconditionFailure("every name has its template")
        }
        return text
    }

    private static func text(of name: Name) -> String {
        switch name {
        case .layout: self.layout
        case .signIn: self.signIn
        case .problem: self.problem
        case .overview: self.overview
        case .usage: self.usage
        case .budgets: self.budgets
        case .budget: self.budget
        case .limits: self.limits
        case .prompts: self.prompts
        case .prompt: self.prompt
        case .proposals: self.proposals
        case .proposal: self.proposal
        case .models: self.models
        case .model: self.model
        case .keys: self.keys
        case .key: self.key
        case .nodes: self.nodes
        case .node: self.node
        case .audit: self.audit
        }
    }
}

extension JSON {
    /// As Mustache looks things up. Null is said outright: a name that is missing would be looked for further out.
    fileprivate var context: Any {
        switch self {
        case .null: Nothing()
        case .bool(let value): value
        case .number(let digits): digits
        case .string(let text): text
        case .array(let elements): elements.map(\.context)
        case .object(let members): members.mapValues(\.context)
        }
    }
}

private struct Nothing: MustacheCustomRenderable {
    var renderText: String { "" }
    var isNull: Bool { true }
}
