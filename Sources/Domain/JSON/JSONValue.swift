/// A value of JSON (RFC 8259) that somebody else chose the shape of: a variable of a prompt, a claim of a token.
/// Numbers are as they were written.
package indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// Lists and objects within each other, wherever values are read: what one reader takes, every other one does.
    package static let depthMax = 16

    /// Values of one text together, at every depth.
    package static let countMax = 10_000

    /// Itself and all that is in it.
    package var count: Int {
        switch self {
        case .null, .bool, .number, .text: 1
        case .list(let elements): elements.reduce(1) { $0 + $1.count }
        case .object(let members): members.values.reduce(1) { $0 + $1.count }
        }
    }

    /// Nil for what is no text.
    package var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }
}
