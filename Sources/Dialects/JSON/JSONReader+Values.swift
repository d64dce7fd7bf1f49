package import Domain
package import NIOCore

extension JSONReader {
    /// The members of a text that is one object of any shape, within the bounds of `JSONValue`, with numbers as they were
    /// written. A problem with its shape is one of `field`.
    package func object(_ text: ByteBuffer, field: String) throws(JSONProblem) -> [String: JSONValue] {
        try self.read(text, ranges: true) { (cursor) throws(JSONProblem) in
            guard cursor.root == .object else { throw .notObject }
            return try JSONValueWalk.members(at: cursor, field: field)
        }
    }
}

/// One walk over values of any shape; only of a text read with ranges.
struct JSONValueWalk {
    private let field: String
    private var count = 0

    /// Of the object that the cursor can enter.
    static func members(at cursor: borrowing JSONCursor, field: String) throws(JSONProblem) -> [String: JSONValue] {
        var walk = Self(field: field)
        return try walk.members(at: cursor, depth: 0)
    }

    private init(field: String) { self.field = field }

    private mutating func members(
        at cursor: borrowing JSONCursor,
        depth: Int
    ) throws(JSONProblem) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        guard cursor.enter() else { return values }
        while let member = try cursor.next() {
            let name = member.name
            guard values.updateValue(try self.value(member, at: cursor, depth: depth), forKey: name) == nil else {
                throw .field(self.field, fault: "holds the same name twice")
            }
        }
        cursor.leave()
        return values
    }

    private mutating func elements(
        at cursor: borrowing JSONCursor,
        depth: Int
    ) throws(JSONProblem) -> [JSONValue] {
        var values: [JSONValue] = []
        guard cursor.enter() else { return values }
        while let member = try cursor.next() { values.append(try self.value(member, at: cursor, depth: depth)) }
        cursor.leave()
        return values
    }

    private mutating func value(
        _ member: JSONMember,
        at cursor: borrowing JSONCursor,
        depth: Int
    ) throws(JSONProblem) -> JSONValue {
        self.count += 1
        guard self.count <= JSONValue.countMax, depth <= JSONValue.depthMax else {
            throw .field(self.field, fault: "holds too much, or is nested too deeply")
        }
        switch member.kind {
        case .null: return .null
        case .bool: return .bool(member.isTrue)
        // As it was written: a template shows it so.
        case .number: return .number(cursor.source(of: member))
        case .string: return .text(member.string ?? "")
        case .array: return .list(try self.elements(at: cursor, depth: depth + 1))
        case .object: return .object(try self.members(at: cursor, depth: depth + 1))
        }
    }
}
