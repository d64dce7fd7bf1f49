// Reading the admin API's replies for pages: what is absent reads as nothing.
extension JSON {
    var items: [JSON] { if case .array(let elements) = self { elements } else { [] } }

    /// The text of a string or a number; nil for all else.
    var text: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .null, .bool, .array, .object: nil
        }
    }

    var integer: Int64? { self.text.flatMap { Int64($0) } }
    var isTrue: Bool { self == .bool(true) }
    var isNull: Bool { self == .null }

    func text(_ name: String) -> String { self[name]?.text ?? "" }
    func items(_ name: String) -> [JSON] { self[name]?.items ?? [] }
    func integer(_ name: String) -> Int64 { self[name]?.integer ?? 0 }

    var members: [(name: String, value: JSON)] {
        guard case .object(let members) = self else { return [] }
        return members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Null for an empty text, which a template would take for something.
    static func unlessEmpty(_ text: String) -> JSON { text.isEmpty ? .null : .string(text) }

    /// Null for an empty list.
    static func unlessEmpty(_ elements: [JSON]) -> JSON { elements.isEmpty ? .null : .array(elements) }
}
