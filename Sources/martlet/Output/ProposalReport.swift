/// A proposal as whoever must decide on it reads it.
struct ProposalReport {
    let lines: [String]

    init(_ proposal: JSONValue) {
        let votes = proposal["votes"].array.map { vote in
            let reason = vote["reason"].string.flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
            return "  \(vote["principal"].cell) says \(vote["verdict"].cell)\(reason)"
        }
        self.lines =
            [
                "\(proposal["kind"].cell)/\(proposal["name"].cell), revision \(proposal["revision"].cell): "
                    + "\(proposal["state"].cell)",
                "asked for by \(proposal["author"].cell) at \(proposal["created"].cell), "
                    + "\(proposal["approvals"].cell) of \(proposal["approvalsRequired"].cell) approvals",
            ] + votes + proposal["diff"].array.flatMap(Self.field) + proposal["texts"].array.flatMap(Self.text)
    }

    private static func field(_ field: JSONValue) -> [String] {
        let path = field["path"].string ?? ""
        return [
            "", path.isEmpty ? "all of it" : path, "  - \(field["before"].cell)", "  + \(field["after"].cell)",
        ]
    }

    private static func text(_ text: JSONValue) -> [String] {
        let from = text["from"] == .null ? "" : " beside version \(text["from"].cell)"
        return ["", "label \(text["label"].cell): version \(text["to"].cell)\(from)"]
            + text["lines"].array.map { "  \($0.string ?? "")" }
    }
}
