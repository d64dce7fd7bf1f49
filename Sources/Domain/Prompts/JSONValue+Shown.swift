/// What a template makes of a value.
extension JSONValue {
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
