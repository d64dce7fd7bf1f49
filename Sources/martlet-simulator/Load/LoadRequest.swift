import Foundation

/// The request that a load sends: a chat completion of exactly so many bytes.
enum LoadRequest {
    private static let words = Array("the quick brown fox jumps over the lazy dog and runs away again ".utf8)

    /// A valid body; longer than `bytes` only if its fields alone are.
    static func body(model: String, knobs: String, isStream: Bool, bytes: Int) throws -> [UInt8] {
        // The fields that matter come first: the light mode of `serve` looks no further.
        let metadata = knobs.isEmpty ? "" : #""metadata":{"sim":\#(try self.quoted(knobs))},"#
        let opening =
            #"{"model":\#(try self.quoted(model)),"stream":\#(isStream),\#(metadata)"#
            + #""messages":[{"role":"user","content":""#
        let closing = #""}]}"#
        let room = max(1, bytes - opening.utf8.count - closing.utf8.count)
        return Array(opening.utf8) + (0..<room).map { self.words[$0 % self.words.count] } + Array(closing.utf8)
    }

    static func message(host: String, path: String, key: String?, body: [UInt8]) -> [UInt8] {
        let authorization = key.map { "authorization: Bearer \($0)\r\n" } ?? ""
        let head = """
            POST \(path) HTTP/1.1\r\nhost: \(host)\r\n\(authorization)content-type: application/json\r\n\
            content-length: \(body.count)\r\n\r\n
            """
        return Array(head.utf8) + body
    }

    private static func quoted(_ text: String) throws -> String {
        String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }
}
