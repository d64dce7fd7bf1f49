package import Domain

/// When a list in a thing's content came to have so many elements, and by whom.
package struct Growth: Hashable, Sendable {
    package let count: Int
    package let author: String
    package let created: Timestamp
}
