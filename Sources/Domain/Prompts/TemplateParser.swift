/// Reads a template's source, line by line: a line that holds nothing but one tag of structure leaves no trace.
struct TemplateParser {
    private let source: [UInt8]
    private var position = 0
    private var opening = Array("{{".utf8)
    private var closing = Array("}}".utf8)
    /// Sections that are open, outermost first; the first entry is the template itself.
    private var open: [Level] = [Level(path: nil, isInverted: false, start: 0)]

    private struct Level {
        let path: Template.Path?
        let isInverted: Bool
        /// Where it begins.
        let start: Int
        var nodes: [Template.Node] = []
    }

    private enum Tag {
        case comment
        case delimiters
        case variable(Template.Path, isEscaped: Bool)
        case begin(Template.Path, isInverted: Bool)
        case end(Template.Path)
        case partial(String)

        /// Whether it stands for nothing in the text, so that a line of its own is no line.
        var isStructure: Bool {
            switch self {
            case .variable: false
            case .comment, .delimiters, .begin, .end, .partial: true
            }
        }
    }

    init(_ source: String) { self.source = Array(source.utf8) }

    mutating func parse() throws(Template.Flaw) -> [Template.Node] {
        while self.position < self.source.count { try self.line() }
        guard self.open.count == 1 else {
            let level = self.open[self.open.count - 1]
            throw self.flaw("the section '\(level.path?.text ?? "")' has no end", at: level.start)
        }
        return self.open[0].nodes
    }

    // MARK: - Lines

    /// One line, or more where a tag goes on over its end.
    private mutating func line() throws(Template.Flaw) {
        let start = self.position
        if let tag = try self.loneTag() {
            try self.add(tag, indentation: self.text(start..<(start + self.blanks(from: start))))
            return
        }
        self.position = start
        self.add(.lineStart)
        while self.position < self.source.count {
            let end = self.endOfText()
            if end > self.position {
                self.add(.text(self.text(self.position..<end)))
                self.position = end
                if self.source[end - 1] == UInt8(ascii: "\n") { return }
            }
            guard self.starts(with: self.opening) else { return }
            try self.add(try self.tag(), indentation: "")
        }
    }

    /// The tag of structure that has the line to itself; goes on behind the line's end then.
    private mutating func loneTag() throws(Template.Flaw) -> Tag? {
        self.position += self.blanks(from: self.position)
        guard self.starts(with: self.opening) else { return nil }
        let (opening, closing) = (self.opening, self.closing)
        let tag = try self.tag()
        let rest = self.position + self.blanks(from: self.position)
        if tag.isStructure, let end = self.endOfLine(at: rest) {
            self.position = end
            return tag
        }
        (self.opening, self.closing) = (opening, closing)  // it is read again, with its line
        return nil
    }

    /// Behind the line's end that stands at `index`; nil if something else does.
    private func endOfLine(at index: Int) -> Int? {
        guard index < self.source.count else { return index }
        if self.source[index] == UInt8(ascii: "\n") { return index + 1 }
        guard self.source[index...].starts(with: "\r\n".utf8) else { return nil }
        return index + 2
    }

    /// The next tag's start, or behind the next line's end, whichever comes first.
    private func endOfText() -> Int {
        var index = self.position
        while index < self.source.count {
            if self.source[index] == UInt8(ascii: "\n") { return index + 1 }
            if self.source[index...].starts(with: self.opening) { return index }
            index += 1
        }
        return index
    }

    private func blanks(from start: Int) -> Int {
        self.source[start...].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count
    }

    private func starts(with bytes: [UInt8]) -> Bool { self.source[self.position...].starts(with: bytes) }

    // MARK: - Tags

    private mutating func tag() throws(Template.Flaw) -> Tag {
        let start = self.position
        self.position += self.opening.count
        let sign = self.position < self.source.count ? self.source[self.position] : 0
        let isTriple = sign == UInt8(ascii: "{") && self.opening == Array("{{".utf8)
        let closing =
            switch sign {
            case UInt8(ascii: "="): [sign] + self.closing
            case _ where isTriple: [UInt8(ascii: "}")] + self.closing
            default: self.closing
            }
        let isSigned = isTriple || "!=#^/>&".utf8.contains(sign)
        let content = self.position + (isSigned ? 1 : 0)
        guard let end = self.find(closing, from: content) else {
            throw self.flaw("a tag has no '\(String(decoding: closing, as: UTF8.self))'", at: start)
        }
        let text = self.text(content..<end).trimmed
        self.position = end + closing.count
        switch sign {
        case UInt8(ascii: "!"): return .comment
        case UInt8(ascii: "="):
            try self.setDelimiters(text, at: start)
            return .delimiters
        case UInt8(ascii: "#"): return .begin(try self.path(text, at: start), isInverted: false)
        case UInt8(ascii: "^"): return .begin(try self.path(text, at: start), isInverted: true)
        case UInt8(ascii: "/"): return .end(try self.path(text, at: start))
        case UInt8(ascii: ">"): return .partial(try self.partialName(text, at: start))
        case UInt8(ascii: "&"): return .variable(try self.path(text, at: start), isEscaped: false)
        case UInt8(ascii: "$"), UInt8(ascii: "<"): throw self.flaw("blocks and parents are not supported", at: start)
        default: return .variable(try self.path(text, at: start), isEscaped: !isTriple)
        }
    }

    private mutating func setDelimiters(_ text: String, at start: Int) throws(Template.Flaw) {
        let both = text.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map(Array.init)
        guard both.count == 2, !both.joined().contains(UInt8(ascii: "=")) else {
            throw self.flaw("'\(text)' is not two delimiters with a blank between them", at: start)
        }
        (self.opening, self.closing) = (both[0], both[1])
    }

    private func path(_ text: String, at start: Int) throws(Template.Flaw) -> Template.Path {
        if text == "." { return Template.Path(parts: []) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(where: \.isBlank) }) else {
            throw self.flaw("'\(text)' is not a name", at: start)
        }
        return Template.Path(parts: parts)
    }

    private func partialName(_ text: String, at start: Int) throws(Template.Flaw) -> String {
        guard !text.isEmpty, !text.utf8.contains(where: \.isBlank) else {
            throw self.flaw("'\(text)' is not a partial's name", at: start)
        }
        guard !text.hasPrefix("*") else { throw self.flaw("a partial's name cannot be a variable", at: start) }
        return text
    }

    private func find(_ bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + bytes.count <= self.source.count {
            if self.source[index...].starts(with: bytes) { return index }
            index += 1
        }
        return nil
    }

    // MARK: - The tree

    private mutating func add(_ node: Template.Node) { self.open[self.open.count - 1].nodes.append(node) }

    private mutating func add(_ tag: Tag, indentation: String) throws(Template.Flaw) {
        let start = max(0, self.position - 1)
        switch tag {
        case .comment, .delimiters: break
        case .variable(let path, let isEscaped): self.add(.variable(path, isEscaped: isEscaped))
        case .partial(let name): self.add(.partial(name, indentation: indentation))
        case .begin(let path, let isInverted):
            guard self.open.count <= Template.depthMax else {
                throw self.flaw("sections stand more than \(Template.depthMax) deep", at: start)
            }
            self.open.append(Level(path: path, isInverted: isInverted, start: start))
        case .end(let path):
            guard let level = self.open.popLast(), let begun = level.path, begun == path else {
                throw self.flaw("the section '\(path.text)' ends here and does not begin", at: start)
            }
            self.add(level.isInverted ? .inverted(path, level.nodes) : .section(path, level.nodes))
        }
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: self.source[range], as: UTF8.self) }

    private func flaw(_ detail: String, at index: Int) -> Template.Flaw {
        Template.Flaw(line: self.lineNumber(at: index), detail)
    }

    private func lineNumber(at index: Int) -> Int { 1 + self.source[..<index].count { $0 == UInt8(ascii: "\n") } }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || (0x09...0x0D).contains(self) }
}

extension String {
    fileprivate var trimmed: String {
        let start = self.utf8.drop(while: \.isBlank)
        guard let last = start.lastIndex(where: { !$0.isBlank }) else { return "" }
        return String(start[...last]) ?? ""
    }
}
