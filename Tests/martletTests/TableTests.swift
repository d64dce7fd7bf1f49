import Testing

@testable import martlet

@Suite struct TableTests {
    private static let table = Table([.init("NAME", "name"), .init("COST", "cost.usd"), .init("ROLES", "roles")])

    @Test func `columns are as wide as their widest cell and numbers stand on the right`() {
        let rows: [JSONValue] = [
            .object([
                "name": .string("openai/gpt-4o"), "cost": .object(["usd": .string("12.50")]),
                "roles": .array([.string("a"), .string("b")]),
            ]),
            .object(["name": .string("x"), "cost": .object(["usd": .string("0.001")])]),
        ]
        #expect(
            Self.table.lines(rows) == [
                "NAME            COST  ROLES",
                "openai/gpt-4o  12.50  a, b",
                "x              0.001  -",
            ]
        )
    }

    @Test func `what a server sends cannot move the cursor`() {
        let lines = Self.table.lines([.object(["name": .string("a\u{1B}[2J\nb")])])
        #expect(lines.last == "a [2J b  -     -")
    }

    @Test func `an empty list is its headings`() {
        #expect(Self.table.lines([]) == ["NAME  COST  ROLES"])
    }
}

@Suite struct ServerTests {
    @Test func `a model's name is one path segment`() {
        #expect(Server.escaped("openai/gpt-4o") == "openai%2Fgpt-4o")
        #expect(Server.escaped("a b?#é") == "a%20b%3F%23%C3%A9")
    }
}

@Suite struct ChangeReportTests {
    @Test func `an apply is reported a line per thing, and what waits says how to approve it`() {
        let reply = JSONValue.object([
            "changes": .array([
                .object(["kind": .string("teams"), "name": .string("demo"), "action": .string("create")]),
                .object([
                    "kind": .string("models"), "name": .string("a/b"), "action": .string("propose"),
                    "proposal": .string("p1"),
                    "diff": .array([
                        .object(["path": .string("/context"), "before": .integer(1), "after": .integer(2)])
                    ]),
                ]),
                .object(["kind": .string("roles"), "name": .string("r"), "action": .string("unchanged")]),
            ])
        ])
        #expect(
            ChangeReport(reply).text == """
                + teams/demo
                ? models/a/b  waits for approval: martlet proposals approve p1
                    /context: 1 -> 2
                2 changed, 1 as they are
                """
        )
    }

    @Test func `a second apply says that there is nothing to change`() {
        #expect(ChangeReport(.object(["changes": .array([])])).text == "nothing to change (0 as they are)")
    }
}
