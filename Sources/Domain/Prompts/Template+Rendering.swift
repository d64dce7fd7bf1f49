extension Template {
    /// The text for these variables. Pure: the same template, partials and variables always give the same text.
    package func rendered(
        with variables: JSONValue,
        partials: [String: Template] = [:],
        options: Options = Options()
    ) throws(Hole) -> String {
        var effort = Effort()
        return try self.rendered(with: variables, partials: partials, options: options, effort: &effort)
    }

    /// The same where several texts share one bound.
    func rendered(
        with variables: JSONValue,
        partials: [String: Template],
        options: Options,
        effort: inout Effort
    ) throws(Hole) -> String {
        var renderer = Renderer(partials: partials, options: options, effort: effort)
        defer { effort = renderer.effort }
        try renderer.render(self.nodes, with: [variables], indentation: "")
        return renderer.text
    }

    /// What rendering has come to so far.
    struct Effort: Hashable, Sendable {
        /// Pieces that were looked at: lists within lists add up without leaving a byte.
        var steps = 0
        var byteCount = 0

        /// Some ten milliseconds of an event loop.
        static let stepsMax = 100_000
    }

    package struct Options: Hashable, Sendable {
        /// Names that may be absent: they count as false, and as an empty text.
        package var optional: Set<String> = []
        /// Every name may be absent, and a partial too. As Mustache's own specification has it; for its tests.
        package var isLenient = false
        /// For HTML. As Mustache's own specification has it; for its tests.
        package var escapesHTML = false

        package init(optional: Set<String> = []) { self.optional = optional }
    }

    /// Why a template cannot be rendered with what was given.
    package struct Hole: Error, Hashable, Sendable {
        /// The variable that it is about, as the template names it; nil where it is about the whole.
        package let variable: String?
        package let detail: String
    }

    /// Bytes of what is rendered, all messages of a prompt together.
    package static let renderedBytesMax = 1 << 20
    static let partialDepthMax = 32
    /// Sections that are open, over all partials.
    static let scopesMax = 64
}

private struct Renderer {
    let partials: [String: Template]
    let options: Template.Options
    private(set) var text = ""
    private(set) var effort: Template.Effort
    private var partialDepth = 0

    init(partials: [String: Template], options: Template.Options, effort: Template.Effort) {
        self.partials = partials
        self.options = options
        self.effort = effort
    }

    /// `context` is what names are looked up in, the innermost last.
    mutating func render(
        _ nodes: [Template.Node],
        with context: [JSONValue],
        indentation: String
    ) throws(Template.Hole) {
        for node in nodes {
            try self.step()
            switch node {
            case .lineStart: try self.write(indentation)
            case .text(let text): try self.write(text)
            case .variable(let path, let isEscaped): try self.write(path, isEscaped: isEscaped, from: context)
            case .section(let path, let inner):
                try self.renderSection(path, inner, with: context, indentation: indentation)
            case .inverted(let path, let inner):
                guard try self.value(of: path, in: context).isFalse else { continue }
                try self.render(inner, with: context, indentation: indentation)
            case .partial(let name, let own):
                try self.renderPartial(name, with: context, indentation: indentation + own)
            }
        }
    }

    private mutating func step() throws(Template.Hole) {
        self.effort.steps += 1
        guard self.effort.steps <= Template.Effort.stepsMax else {
            throw Self.tooMuch("takes too many steps to render")
        }
    }

    private mutating func renderSection(
        _ path: Template.Path,
        _ inner: [Template.Node],
        with context: [JSONValue],
        indentation: String
    ) throws(Template.Hole) {
        let value = try self.value(of: path, in: context)
        guard !value.isFalse, !inner.isEmpty else { return }
        guard context.count <= Template.scopesMax else { throw Self.tooMuch("looks names up in too many scopes") }
        guard case .list(let elements) = value else {
            return try self.render(inner, with: context + [value], indentation: indentation)
        }
        for element in elements {
            try self.step()
            try self.render(inner, with: context + [element], indentation: indentation)
        }
    }

    private mutating func renderPartial(
        _ name: String,
        with context: [JSONValue],
        indentation: String
    ) throws(Template.Hole) {
        guard let partial = self.partials[name] else {
            guard self.options.isLenient else { throw Template.Hole(variable: nil, detail: "has no partial '\(name)'") }
            return
        }
        guard self.partialDepth < Template.partialDepthMax else { throw Self.tooMuch("has partials that go round") }
        self.partialDepth += 1
        try self.render(partial.nodes, with: context, indentation: indentation)
        self.partialDepth -= 1
    }

    private mutating func write(
        _ path: Template.Path,
        isEscaped: Bool,
        from context: [JSONValue]
    ) throws(Template.Hole) {
        guard let shown = try self.value(of: path, in: context).shown else {
            throw Template.Hole(variable: path.text, detail: "is no text; go through it with {{#\(path.text)}}")
        }
        try self.write(isEscaped && self.options.escapesHTML ? shown.escapedForHTML : shown)
    }

    private mutating func write(_ piece: String) throws(Template.Hole) {
        self.effort.byteCount += piece.utf8.count
        guard self.effort.byteCount <= Template.renderedBytesMax else {
            throw Self.tooMuch("renders to more than \(Template.renderedBytesMax) bytes")
        }
        self.text += piece
    }

    /// The first part is looked for from the innermost out, the others only within what was found.
    private func value(of path: Template.Path, in context: [JSONValue]) throws(Template.Hole) -> JSONValue {
        guard let first = path.parts.first else { return context.last ?? .null }
        var found: JSONValue?
        for scope in context.reversed() {
            guard case .object(let members) = scope, let member = members[first] else { continue }
            found = member
            break
        }
        let isUnknown = found == nil
        for part in path.parts.dropFirst() {
            guard case .object(let members) = found else {
                found = nil
                break
            }
            found = members[part]
        }
        if let found { return found }
        // Where the first part was found, another one is missing: that is a name that nobody declared.
        guard self.options.isLenient || isUnknown && self.options.optional.contains(first) else {
            throw Template.Hole(variable: path.text, detail: "is not given")
        }
        return .null
    }

    private static func tooMuch(_ detail: String) -> Template.Hole { Template.Hole(variable: nil, detail: detail) }
}

extension String {
    fileprivate var escapedForHTML: String {
        self.reduce(into: "") { text, character in
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            default: text.append(character)
            }
        }
    }
}
