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
