/// A text with variables, read once and rendered often: Mustache (mustache(5), the core of its specification 1.4).
///
/// Bounded in its source, its nesting and what it renders to. Rendering is strict: what is not given is an error that
/// names it, because a prompt with a hole in it is answered all the same, only wrongly. Nothing is escaped: a prompt is
/// no HTML.
package struct Template: Hashable, Sendable {
    /// Bytes of one source.
    package static let sourceBytesMax = 256 << 10
    /// Sections within sections.
    package static let depthMax = 32

    /// As it was written.
    package let source: String
    let nodes: [Node]

    package init(_ source: String) throws(Flaw) {
        guard source.utf8.count <= Self.sourceBytesMax else {
            throw Flaw(line: 1, "is longer than \(Self.sourceBytesMax) bytes")
        }
        var parser = TemplateParser(source)
        self.source = source
        self.nodes = try parser.parse()
    }

    indirect enum Node: Hashable, Sendable {
        /// The beginning of a line: in a partial, its indentation stands here.
        case lineStart
        case text(String)
        case variable(Path, isEscaped: Bool)
        /// Rendered for each element of a list, or once for what is true.
        case section(Path, [Node])
        /// Rendered for what is false.
        case inverted(Path, [Node])
        case partial(String, indentation: String)
    }

    /// A name with dots in it; empty for `.`, the thing that is being gone through.
    struct Path: Hashable, Sendable {
        let parts: [String]

        var text: String { self.parts.isEmpty ? "." : self.parts.joined(separator: ".") }
    }

    /// Why a source is no template.
    package struct Flaw: Error, Hashable, Sendable {
        /// From 1.
        package let line: Int
        package let detail: String

        init(line: Int, _ detail: String) {
            self.line = line
            self.detail = detail
        }
    }

    /// The names of the partials that it uses.
    package var partials: Set<String> { Self.partials(in: self.nodes) }

    private static func partials(in nodes: [Node]) -> Set<String> {
        nodes.reduce(into: []) { names, node in
            switch node {
            case .lineStart, .text, .variable: break
            case .section(_, let inner), .inverted(_, let inner): names.formUnion(self.partials(in: inner))
            case .partial(let name, _): names.insert(name)
            }
        }
    }
}
