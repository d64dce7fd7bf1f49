package import Domain
package import NIOCore

/// The variables that a request gives a prompt: JSON of any shape, within bounds, with numbers as they were written.
package struct PromptVariables {
    private var count = 0

    /// Of a text that is one object, such as the header `martlet-variables`.
    package static func read(
        _ text: ByteBuffer,
        with reader: JSONReader
    ) throws(Fault) -> [String: TemplateValue] {
        do {
            return try reader.read(text) { (cursor) throws(JSONProblem) in
                guard cursor.root == .object else { throw .notObject }
                return try Self.read(at: cursor)
            }
        } catch {
            throw .inRequest(error, subject: "The header 'martlet-variables'", parameter: "martlet-variables")
        }
    }

    /// Of the object that the cursor can enter.
    static func read(at cursor: borrowing JSONCursor) throws(JSONProblem) -> [String: TemplateValue] {
        var variables = Self()
        return try variables.members(at: cursor, depth: 0)
    }

    private mutating func members(
        at cursor: borrowing JSONCursor,
        depth: Int
    ) throws(JSONProblem) -> [String: TemplateValue] {
        var values: [String: TemplateValue] = [:]
        guard cursor.enter() else { return values }
        while let member = try cursor.next() {
            let name = member.name
            guard values.updateValue(try self.value(member, at: cursor, depth: depth), forKey: name) == nil else {
                throw PromptField.variables.problem("holds the same name twice")
            }
        }
        cursor.leave()
        return values
    }

    private mutating func elements(
        at cursor: borrowing JSONCursor,
        depth: Int
    ) throws(JSONProblem) -> [TemplateValue] {
        var values: [TemplateValue] = []
        guard cursor.enter() else { return values }
        while let member = try cursor.next() { values.append(try self.value(member, at: cursor, depth: depth)) }
        cursor.leave()
        return values
    }

    private mutating func value(
        _ member: JSONMember,
        at cursor: borrowing JSONCursor,
        depth: Int
    ) throws(JSONProblem) -> TemplateValue {
        self.count += 1
        guard self.count <= TemplateValue.countMax, depth <= TemplateValue.depthMax else {
            throw PromptField.variables.problem("holds too much, or is nested too deeply")
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
