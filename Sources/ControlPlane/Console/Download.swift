/// A file that is handed out.
struct Download: Sendable {
    let name: String
    let type: String
    let text: String
}
