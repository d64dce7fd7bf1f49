/// What the attacker knows: where the server is, a key that is good, and a model that it would reach.
struct HostileCaller: Sendable {
    let authority: String
    let key: String
    let model: String

    /// A key that looks like one and is none.
    static let wrongKey = "mk_0123456789012345678901234567890123456789012"

    /// A body that the server would take.
    var body: String { #"{"model":"\#(self.model)","messages":[{"role":"user","content":"hostile"}]}"# }

    /// A head up to, and without, the empty line; `fields` end with line ends.
    func head(
        _ line: String = "POST /v1/chat/completions HTTP/1.1",
        key: String? = nil,
        _ fields: String = ""
    ) -> String {
        "\(line)\r\nhost: \(self.authority)\r\nauthorization: Bearer \(key ?? self.key)\r\n"
            + "content-type: application/json\r\n\(fields)"
    }

    /// A whole request, whose body is all that may be wrong with it.
    func post(_ body: [UInt8], key: String? = nil, _ fields: String = "") -> [UInt8] {
        Array("\(self.head(key: key, fields))content-length: \(body.count)\r\n\r\n".utf8) + body
    }

    func post(_ body: String, key: String? = nil, _ fields: String = "") -> [UInt8] {
        self.post(Array(body.utf8), key: key, fields)
    }

    /// Takes no model: it is answered by the server alone. Behind a smuggled end it must never be seen as a request.
    var goodRequest: String { self.head("GET /v1/models HTTP/1.1") + "\r\n" }
}
