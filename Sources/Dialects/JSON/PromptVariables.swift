package import Domain
package import NIOCore

/// The variables that a request gives a prompt.
package enum PromptVariables {
    /// Of a text that is one object, such as the header `martlet-variables`.
    package static func read(
        _ text: ByteBuffer,
        with reader: JSONReader
    ) throws(Fault) -> [String: JSONValue] {
        do {
            return try reader.object(text, field: Self.field)
        } catch {
            throw .inRequest(error, subject: "The header 'martlet-variables'", parameter: "martlet-variables")
        }
    }

    /// Of the object that the cursor can enter.
    static func read(at cursor: borrowing JSONCursor) throws(JSONProblem) -> [String: JSONValue] {
        try JSONValueWalk.members(at: cursor, field: Self.field)
    }

    private static let field = "\(PromptField.prefix)\(PromptField.variables.rawValue)"
}
