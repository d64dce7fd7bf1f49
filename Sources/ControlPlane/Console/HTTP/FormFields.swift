/// `application/x-www-form-urlencoded`: the body of a form, or what stands after the `?` of an address. Of a name that
/// occurs twice the first value counts, but for `all`.
struct FormFields: Sendable {
    /// A form of the console has a dozen fields.
    static let countMax = 100

    private let pairs: [(name: String, value: String)]

    static let none = FormFields("")

    /// What cannot be decoded is left out.
    init(_ text: String) {
        self.pairs = text.split(separator: "&").prefix(Self.countMax).compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap(Self.decode), let value = Self.decode(parts.count > 1 ? parts[1] : "")
            else { return nil }
            return (name, value)
        }
    }

    /// Blanks around a value mean nothing; an empty one was left out.
    subscript(_ name: String) -> String? {
        guard let value = self.pairs.first(where: { $0.name == name })?.value else { return nil }
        let trimmed = value.trimmingBlanks()
        return trimmed.isEmpty ? nil : trimmed
    }

    func all(_ name: String) -> [String] { self.pairs.filter { $0.name == name && !$0.value.isEmpty }.map(\.value) }

    private static func decode(_ text: Substring) -> String? {
        PercentEncoding.decode(String(text).replacing("+", with: " "))?.replacing("\r\n", with: "\n")
    }
}

extension String {
    func trimmingBlanks() -> String {
        let rest = self.drop(while: \.isWhitespace)
        return String(rest.prefix(upTo: rest.lastIndex { !$0.isWhitespace }.map(rest.index(after:)) ?? rest.startIndex))
    }
}
