import ControlPlane
import Domain
import Storage
import Testing

@Suite struct `What people write of budgets and limits` {
    private func pointers<Content: CatalogContent>(_ type: Content.Type, _ text: String) throws -> [String] {
        do {
            _ = try Content.read(try JSON.parse(Array(text.utf8)))
            return []
        } catch let refusal as Refusal {
            return refusal.problems.map(\.pointer)
        }
    }

    private func budget(_ members: String) throws -> Budget {
        try Budget.read(try JSON.parse(Array("{\"name\": \"b\", \(members)}".utf8)))
    }

    private func limit(_ members: String) throws -> Limit {
        try Limit.read(try JSON.parse(Array("{\"name\": \"l\", \(members)}".utf8)))
    }

    @Test func `what is left out has its default, and what is written is read back`() throws {
        let short = try self.budget(#""amount": "25", "window": "month""#)
        #expect(short.scope.isEverything && short.per == .none && short.isHard && !short.cutsOff)
        #expect(short.period == BudgetPeriod(.month, timeZone: "UTC") && short.thresholds.isEmpty)
        #expect(short.amount.dollars == "25.00")
        let long = try self.budget(
            #"""
            "scope": {"team": "demo", "key": "key_1", "route": "assistant", "model": "local/m", "provider": "local",
                      "task": "legal", "metadata": {"data_class": "internal"}},
            "per": "user", "amount": "0.000000001", "window": "week", "timeZone": "Europe/Berlin", "hard": false,
            "cutoff": true, "thresholds": [1.0, 0.5, 0.875, 10]
            """#
        )
        #expect(long.thresholds == [500, 875, 1_000, 10_000])
        #expect(long.json["thresholds"]?.canonical == "[0.5,0.875,1.0,10.0]")
        for budget in [short, long] { #expect(try Budget.read(budget.json) == budget) }
        let limit = try self.limit(#""scope": {"key": "corp:ci runner:1"}, "per": "key", "concurrent": 50"#)
        #expect(limit.requestsPerMinute == nil && limit.concurrent == 50)
        #expect(limit.references.map(\.kind) == [.issuers] && limit.references.map(\.name) == ["corp"])
        #expect(try Limit.read(limit.json) == limit)
    }

    @Test func `a budget that nobody could keep is refused, field by field`() throws {
        let good = [("amount", #""25.00""#), ("window", #""month""#)]
        let cases: [(String, String, String)] = [
            ("amount", #""0.00""#, "/amount"), ("amount", #""-1""#, "/amount"), ("amount", "25", "/amount"),
            ("window", #""year""#, "/window"), ("window", "null", "/window"), ("per", #""planet""#, "/per"),
            ("timeZone", #""GMT+3""#, "/timeZone"), ("timeZone", #""Mars/Phobos""#, "/timeZone"),
            ("hard", #""yes""#, "/hard"), ("currency", #""EUR""#, "/currency"), ("period", #""day""#, "/period"),
            ("scope", #"{"team": "A"}"#, "/scope/team"), ("scope", #"{"user": "ann"}"#, "/scope/user"),
            ("scope", #"{"model": "m"}"#, "/scope/model"), ("scope", #"{"key": "corp:"}"#, "/scope/key"),
            ("scope", #"{"key": "a b"}"#, "/scope/key"), ("scope", #"{"task": ""}"#, "/scope/task"),
            ("scope", #"{"metadata": {"a": 1}}"#, "/scope/metadata/a"), ("scope", #""demo""#, "/scope"),
            ("thresholds", "[0.5, 0.50]", "/thresholds/1"), ("thresholds", "[0]", "/thresholds/0"),
            ("thresholds", "[0.0005]", "/thresholds/0"), ("thresholds", "[10.001]", "/thresholds/0"),
            ("thresholds", "[-0.5]", "/thresholds/0"), ("thresholds", "[5e-1]", "/thresholds/0"),
            ("thresholds", #"["0.5"]"#, "/thresholds/0"), ("thresholds", "0.5", "/thresholds"),
        ]
        for (field, value, pointer) in cases {
            let members = good.filter { $0.0 != field } + [(field, value), ("name", #""b""#)]
            let body = "{" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
            #expect(try self.pointers(Budget.self, body) == [pointer], "\(body)")
        }
        let many = (1...17).map { "0.\($0 + 100)" }.joined(separator: ",")
        #expect(throws: Refusal.self) {
            try self.budget("\"amount\":\"1\",\"window\":\"day\",\"thresholds\":[\(many)]")
        }
    }

    @Test func `a limit says at least one of three numbers, each within its bounds`() throws {
        let cases = [
            ("", "/requestsPerMinute"), (#", "concurrent": 0"#, "/concurrent"),
            (#", "tokensPerMinute": 1.5"#, "/tokensPerMinute"),
            (#", "requestsPerMinute": 1000000001"#, "/requestsPerMinute"),
            (#", "concurrent": 1, "rpm": 5"#, "/rpm"),
        ]
        for (members, pointer) in cases {
            #expect(try self.pointers(Limit.self, "{\"name\": \"l\"\(members)}") == [pointer], "\(members)")
        }
    }

    @Test func `whatever lets more be spent needs approval, and whatever lets less does not`() throws {
        let old = try self.budget(#""scope": {"team": "demo"}, "amount": "25.00", "window": "month", "cutoff": true"#)
        let scope = #""scope": {"team": "demo"}"#
        let looser = [
            #"\#(scope), "amount": "25.01", "window": "month""#, #"\#(scope), "amount": "25", "window": "day""#,
            #"\#(scope), "amount": "25", "window": "month", "hard": false"#,
            #"\#(scope), "amount": "25", "window": "month", "per": "user""#,
            #"\#(scope), "amount": "25", "window": "month", "timeZone": "Asia/Tokyo""#,
            #""amount": "25", "window": "month""#,
            #""scope": {"team": "demo", "task": "legal"}, "amount": "25", "window": "month""#,
        ]
        for text in looser {
            let new = try self.budget(text)
            #expect(new.needsApproval(after: old, isInForce: true), "\(text)")
            #expect(!new.needsApproval(after: old, isInForce: false), "\(text)")
            #expect(!new.needsApproval(after: nil, isInForce: false), "\(text)")
        }
        let tighter = try self.budget(#"\#(scope), "amount": "24.99", "window": "month", "thresholds": [0.5]"#)
        #expect(!tighter.needsApproval(after: old, isInForce: true))
        let soft = try self.budget(#"\#(scope), "amount": "25", "window": "month", "hard": false"#)
        #expect(!old.needsApproval(after: soft, isInForce: true))
    }

    @Test func `a limit that is raised or taken away needs approval, one that is lowered or added does not`() throws {
        let old = try self.limit(#""requestsPerMinute": 600, "concurrent": 50"#)
        for text in [
            #""requestsPerMinute": 601, "concurrent": 50"#, #""requestsPerMinute": 600"#,
            #""requestsPerMinute": 600, "concurrent": 50, "per": "user""#,
            #""requestsPerMinute": 600, "concurrent": 50, "scope": {"team": "demo"}"#,
        ] {
            #expect(try self.limit(text).needsApproval(after: old, isInForce: true), "\(text)")
        }
        let tighter = try self.limit(#""requestsPerMinute": 1, "concurrent": 50, "tokensPerMinute": 9"#)
        #expect(!tighter.needsApproval(after: old, isInForce: true))
        #expect(!old.needsApproval(after: nil, isInForce: false))
    }
}
