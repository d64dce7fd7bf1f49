import Domain

/// A JSON value as people write it to the admin API. Names occur once in an object; numbers keep their spelling.
package enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// As it was written, in JSON's grammar.
    case number(String)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    package static func number(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

    /// 500 is `0.5`, 1000 is `1.0`. Not for what is below zero.
    package static func thousandths(_ value: Int64) -> JSON {
        .number(DecimalText.write(value.magnitude, places: 3, placesMin: 1))
    }

    /// The same value always has the same text: members sorted by the bytes of their names, no blanks, only what must
    /// be escaped is escaped. Digests and comparisons are made of this.
    package var canonical: String {
        var text = ""
        self.write(to: &text)
        return text
    }

    package subscript(_ name: String) -> JSON? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// Members of this object with those of `other` over them; `other` itself if either is no object.
    package func merging(_ other: [String: JSON]) -> JSON {
        guard case .object(let members) = self else { return .object(other) }
        return .object(members.merging(other) { _, new in new })
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let digits): text += digits
        case .string(let string): Self.write(string, to: &text)
        case .array(let elements): Self.write(elements, to: &text)
        case .object(let members): Self.write(members, to: &text)
        }
    }

    private static func write(_ elements: [JSON], to text: inout String) {
        text += "["
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            element.write(to: &text)
        }
        text += "]"
    }

    private static func write(_ members: [String: JSON], to text: inout String) {
        let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        text += "{"
        for (index, member) in sorted.enumerated() {
            if index > 0 { text += "," }
            self.write(member.key, to: &text)
            text += ":"
            member.value.write(to: &text)
        }
        text += "}"
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
