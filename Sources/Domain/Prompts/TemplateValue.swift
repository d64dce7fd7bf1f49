/// What a caller gives for a template's variable: JSON, with numbers as they were written.
package indirect enum TemplateValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case text(String)
    case list([TemplateValue])
    case object([String: TemplateValue])

    /// Lists and objects within each other, wherever values are read: what one reader takes, every other one does.
    package static let depthMax = 16

    /// Values of all variables of one request together, at every depth.
    package static let countMax = 10_000

    /// Itself and all that is in it.
    package var count: Int {
        switch self {
        case .null, .bool, .number, .text: 1
        case .list(let elements): elements.reduce(1) { $0 + $1.count }
        case .object(let members): members.values.reduce(1) { $0 + $1.count }
        }
    }

    /// Whether a section over it is left out.
    var isFalse: Bool {
        switch self {
        case .null: true
        case .bool(let value): !value
        case .list(let elements): elements.isEmpty
        case .number, .text, .object: false
        }
    }

    /// What stands in a text for it; nil for what is no text.
    var shown: String? {
        switch self {
        case .null: ""
        case .bool(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .text(let text): text
        case .list, .object: nil
        }
    }
}
