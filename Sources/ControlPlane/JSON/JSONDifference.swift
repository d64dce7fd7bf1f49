/// One place at which two values differ. Lists are compared as wholes: their order means something.
package struct JSONDifference: Hashable, Sendable {
    /// A JSON pointer.
    package let path: String
    /// Nil where there was or is nothing.
    package let before: JSON?
    package let after: JSON?

    package static func between(_ before: JSON?, _ after: JSON?, at path: String = "") -> [JSONDifference] {
        guard before != after else { return [] }
        guard case .object(let old) = before, case .object(let new) = after else {
            return [JSONDifference(path: path, before: before, after: after)]
        }
        return Set(old.keys).union(new.keys).sorted().flatMap { name in
            self.between(old[name], new[name], at: Form.place(name, in: path))
        }
    }

    package var json: JSON {
        .object(["path": .string(self.path), "before": self.before ?? .null, "after": self.after ?? .null])
    }
}
