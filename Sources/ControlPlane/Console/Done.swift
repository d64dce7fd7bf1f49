/// A deed that was done: where to go on, and what to say there.
struct Done: Sendable {
    let location: String
    let word: String
}
