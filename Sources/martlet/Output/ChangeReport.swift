/// What an apply did or would do, a line per thing and an indented line per field.
struct ChangeReport {
    let text: String

    init(_ reply: JSONValue) {
        let changes = reply["changes"].array.filter { $0["action"].string != "unchanged" }
        let unchanged = reply["changes"].array.count - changes.count
        let verb = reply["dryRun"] == .bool(true) ? "would change" : "changed"
        var lines = changes.flatMap(Self.lines)
        lines.append(
            changes.isEmpty
                ? "nothing to change (\(unchanged) as they are)" : "\(changes.count) \(verb), \(unchanged) as they are"
        )
        self.text = lines.joined(separator: "\n")
    }

    private static let marks = ["create": "+", "update": "~", "propose": "?", "archive": "-"]

    private static func lines(_ change: JSONValue) -> [String] {
        let action = change["action"].string ?? ""
        let proposal = change["proposal"].string.map { "  waits for approval: martlet proposals approve \($0)" } ?? ""
        let head = "\(Self.marks[action] ?? action) \(change["kind"].cell)/\(change["name"].cell)\(proposal)"
        let overtaken = change["overtaken"].string.map { ["    ends the open proposal \($0)"] } ?? []
        let fields = change["diff"].array.map { field in
            "    \(field["path"].cell): \(field["before"].cell) -> \(field["after"].cell)"
        }
        return [head] + overtaken + (action == "create" ? [] : fields)
    }
}
