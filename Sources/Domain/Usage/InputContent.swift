/// What a request holds, as far as its tokens can be bounded by its bytes.
package enum InputContent: Hashable, Sendable {
    /// Nothing but text.
    case text
    /// Text, and so many images that are in the body itself.
    case images(Int64)
    /// Something that the body only names (a link, a file's id), or whose tokens nobody can tell: it can be as much as the
    /// model takes.
    case unbounded
}
