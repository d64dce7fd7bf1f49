/// The fields of one level of a body that the gateway owns or reads.
///
/// Each of them stands there at most once and is spelt plainly, so that what the gateway read is what any
/// upstream reads, whether it takes the first of two equal names, the last, or does not look at letter case.
/// Names that differ are nobody's business here, and so is every other level.
protocol OwnedField: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// The raw values in the order of `allCases`.
    static var names: JSONNames { get }
    /// What goes before the name where a person reads it: `stream_options.`.
    static var prefix: String { get }
    /// The kinds of value it takes besides null, which everywhere means the same as leaving the field out.
    var kinds: [JSONKind] { get }
}

extension OwnedField {
    static var prefix: String { "" }

    /// Calls `each` with every owned field of the object that the cursor can enter, in the order of the text.
    static func read(
        at cursor: borrowing JSONCursor,
        _ each: (Self, JSONMember) throws(JSONProblem) -> Void
    ) throws(JSONProblem) {
        guard cursor.enter() else { return }
        var seen: UInt64 = 0
        while let member = try cursor.next(Self.names) {
            guard let (field, index) = try Self.owned(member) else { continue }
            guard seen & (1 << index) == 0 else { throw field.problem("occurs more than once; send it once") }
            seen |= 1 << index
            guard member.isNull || field.kinds.contains(member.kind) else { throw field.wrongKind }
            try each(field, member)
        }
        cursor.leave()
    }

    /// Nil if the member is none of ours.
    private static func owned(_ member: JSONMember) throws(JSONProblem) -> (field: Self, index: UInt64)? {
        func field(_ index: Int) -> Self {
            Self.allCases[Self.allCases.index(Self.allCases.startIndex, offsetBy: index)]
        }
        switch member.spelling {
        case .unlisted: return nil
        case .plain(let index): return (field(index), UInt64(index))
        case .escaped(let index): throw field(index).problem("is spelt with escapes; write its name plainly")
        case .otherCase(let index):
            throw field(index).problem("is spelt in another letter case; write '\(field(index).rawValue)'")
        }
    }

    var path: String { Self.prefix + self.rawValue }

    func problem(_ fault: String) -> JSONProblem { .field(self.path, fault: fault) }

    var wrongKind: JSONProblem {
        let kinds = self.kinds.map(\.phrase).joined(separator: " or ")
        return self.problem("has the wrong type; it takes \(kinds)")
    }
}

extension JSONKind {
    fileprivate var phrase: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a whole number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
