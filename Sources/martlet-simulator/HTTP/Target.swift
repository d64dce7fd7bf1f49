import ArgumentParser
import Foundation

/// Where requests go, from a URL as people write it.
struct Target: Hashable, Sendable {
    let host: String
    let port: Int
    let path: String

    init(_ url: String) throws {
        guard let parts = URLComponents(string: url), parts.scheme == "http", let host = parts.host else {
            throw ValidationError("--url is like http://127.0.0.1:8480/v1/chat/completions")
        }
        self.host = host
        self.port = parts.port ?? 80
        self.path = parts.path.isEmpty ? "/" : parts.path
    }

    /// As a `host` field has it.
    var authority: String { "\(self.host):\(self.port)" }
}
