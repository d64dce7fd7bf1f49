/// Why bytes from outside are not the message they should be. Names the field; never holds what stood in it.
package struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    package let kind: Kind
    package let detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }

    package enum Kind: Hashable, Sendable {
        /// Over a named maximum; nothing was read.
        case tooLong
        /// The bytes end too early.
        case truncated
        /// Not the format at all, or one thing said twice.
        case malformed
        /// A field's value is outside of what it may be.
        case invalid
        /// A format that this build does not know.
        case newer
    }

    package var description: String { self.detail }
}
