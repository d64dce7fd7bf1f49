internal import CSimdJSON

/// A place in a text that has been parsed: `enter` an array or object, take its members with `next`, `leave` it.
///
/// Lives only inside `JSONReader.read`'s closure; names and strings are copied out on demand.
@safe
struct JSONCursor: ~Copyable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    var root: JSONKind { unsafe JSONKind(martlet_json_root(self.pointer)) }

    /// Moves into the root, or into the value of the member that `next` gave last. False if that has no members.
    func enter() -> Bool { unsafe martlet_json_enter(self.pointer) }

    func leave() { unsafe martlet_json_leave(self.pointer) }

    /// A member's value as it was written; only of a text read with ranges.
    func source(of member: JSONMember) -> String {
        let range = member.value
        guard let text = unsafe martlet_json_text(self.pointer) else { return "" }
        return unsafe String(
            decoding: UnsafeBufferPointer(start: text + range.lowerBound, count: range.count),
            as: UTF8.self
        )
    }

    /// The next member of the array or object, nil at its end.
    func next(_ names: JSONNames? = nil) throws(JSONProblem) -> JSONMember? {
        var member = unsafe martlet_json_member()
        guard unsafe martlet_json_next(self.pointer, names?.pointer, &member) else {
            // The token index and the tree come from one parse, so they cannot disagree; if they ever do,
            // nothing of this text is believed.
            guard unsafe !martlet_json_is_torn(self.pointer) else { throw .badSyntax }
            return nil
        }
        return unsafe JSONMember(member)
    }

    /// Runs `each` for every member of the array or object that `next` gave last (or the root); does nothing if
    /// that is another kind of value.
    func members(
        _ names: JSONNames? = nil,
        _ each: (JSONMember) throws(JSONProblem) -> Void
    ) throws(JSONProblem) {
        guard self.enter() else { return }
        while let member = try self.next(names) { try each(member) }
        self.leave()
    }
}

enum JSONKind: Hashable {
    case null
    case bool
    case number
    case string
    case array
    case object

    init(_ kind: martlet_json_kind) {
        switch kind {
        case MARTLET_JSON_FALSE, MARTLET_JSON_TRUE: self = .bool
        case MARTLET_JSON_INTEGER, MARTLET_JSON_UNSIGNED, MARTLET_JSON_DOUBLE: self = .number
        case MARTLET_JSON_STRING: self = .string
        case MARTLET_JSON_ARRAY: self = .array
        case MARTLET_JSON_OBJECT: self = .object
        default: self = .null
        }
    }
}

/// One member of an array or object. Its strings live as long as the cursor's text.
@safe
struct JSONMember {
    private let raw: martlet_json_member

    init(_ raw: martlet_json_member) { unsafe self.raw = raw }

    var kind: JSONKind { unsafe JSONKind(self.raw.kind) }

    /// How the name relates to the list given to `next`.
    var spelling: Spelling {
        let index = unsafe Int(self.raw.listed)
        return switch unsafe self.raw.spelling {
        case MARTLET_JSON_PLAIN: .plain(index)
        case MARTLET_JSON_ESCAPED: .escaped(index)
        case MARTLET_JSON_OTHER_CASE: .otherCase(index)
        default: .unlisted
        }
    }

    enum Spelling: Hashable {
        case unlisted
        case plain(Int)
        case escaped(Int)
        case otherCase(Int)
    }

    /// From the name's opening quote to one past the value; only of a text read with ranges.
    var range: Range<Int> { unsafe Int(self.raw.name_start)..<Int(self.raw.value_end) }
    var value: Range<Int> { unsafe Int(self.raw.value_start)..<Int(self.raw.value_end) }

    var isNull: Bool { self.kind == .null }
    var isTrue: Bool { unsafe self.raw.kind == MARTLET_JSON_TRUE }
    /// Members of an array or object, saturating at 2²⁴ − 1.
    var count: Int { unsafe self.raw.count }

    /// A whole number as it is written: no fraction, no exponent. Beyond Int64 it is Int64's bound.
    var integer: Int64? {
        switch unsafe self.raw.kind {
        case MARTLET_JSON_INTEGER: unsafe self.raw.integer
        case MARTLET_JSON_UNSIGNED: .max
        default: nil
        }
    }

    /// A whole number even if written as `25.0`, as some servers do.
    var wholeNumber: Int64? {
        guard unsafe self.raw.kind == MARTLET_JSON_DOUBLE else { return self.integer }
        return unsafe Int64(exactly: self.raw.number)
    }

    /// The text of a string, or nil.
    var string: String? {
        guard self.kind == .string else { return nil }
        return unsafe String(
            decoding: UnsafeBufferPointer(start: self.raw.text, count: self.raw.text_length),
            as: UTF8.self
        )
    }

    /// The UTF-8 length of a string; 0 for other kinds.
    var stringLength: Int { unsafe self.raw.text_length }

    var name: String {
        unsafe String(decoding: UnsafeBufferPointer(start: self.raw.name, count: self.raw.name_length), as: UTF8.self)
    }

    func isNamed(_ name: StaticString) -> Bool {
        guard unsafe self.raw.name_length == name.utf8CodeUnitCount else { return false }
        return unsafe UnsafeBufferPointer(start: self.raw.name, count: self.raw.name_length)
            .elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
}

/// Names that a reader looks for, in lower-case ASCII. Immutable, so every event loop shares one.
final class JSONNames: Sendable {
    let list: [String]
    /// The address of the C side's copy, which is only ever read. A number, because pointers are not `Sendable`.
    private let address: UInt

    init(_ list: [String]) {
        self.list = list
        var joined = list.joined(separator: " ")
        self.address = joined.withUTF8 { bytes in
            let made = unsafe bytes.withMemoryRebound(to: CChar.self) {
                unsafe martlet_json_names_create($0.baseAddress, $0.count)
            }
            return UInt(bitPattern: made)
        }
        precondition(self.address != 0, "no memory for a list of names at the start of the process")
    }

    deinit { unsafe martlet_json_names_destroy(OpaquePointer(bitPattern: self.address)) }

    fileprivate var pointer: OpaquePointer? { unsafe OpaquePointer(bitPattern: self.address) }
}
