import ArgumentParser
import Foundation
import Testing

@testable import martlet

@Suite struct `A provider's own count beside ours` {
    private static let head =
        "start_time,start_time_iso,num_model_requests,model,input_tokens,output_tokens,input_cached_tokens"

    private func key(_ model: String, _ day: String = "2025-10-05") -> DayOfModel.Key { .init(day: day, model: model) }

    private func usage(_ input: Int64, _ output: Int64, _ cost: String? = nil) -> DayOfModel {
        DayOfModel(requests: 1, inputTokens: input, outputTokens: output, cost: cost.flatMap { Decimal(string: $0) })
    }

    @Test func `an export of activity is read by its names, and days of nothing are passed over`() throws {
        let text = """
            \(Self.head)
            1759622400,2025-10-05T00:00:00+00:00,3,gpt-4o-2024-08-06,100,20,0
            1759622400,2025-10-05T00:00:00+00:00,2,gpt-4o-2024-08-06,50,10,8
            1759708800,2025-10-06T00:00:00+00:00,,,,,

            """
        let days = try ProviderReport.read(text)
        #expect(
            days == [
                self.key("gpt-4o-2024-08-06"): DayOfModel(requests: 5, inputTokens: 150, outputTokens: 30, cost: nil)
            ]
        )
    }

    @Test func `the order of columns, quotes, line ends and long sums do not matter`() throws {
        let text =
            "\u{FEFF}\"Model\",amount_value,\"note\",date\r\n\"m,\"\"1\"\"\",0.8958740000000000,\"a\nb\",2025-10-05\r\n"
        let days = try ProviderReport.read(text)
        #expect(days[self.key("m,\"1\"")]?.cost == Decimal(string: "0.895874"))
        let items = "date,line_item,amount_value\n2025-10-05,\"m, input\",0.5\n2025-10-05,\"m, output\",0.25"
        #expect(try ProviderReport.read(items) == [self.key("m"): DayOfModel(cost: Decimal(string: "0.75"))])
        #expect(try ProviderReport.read("start_time,model\n1759622400,m").keys.first == self.key("m"))
    }

    @Test(arguments: [
        "", "model\nm", "date\n2025-10-05", "date,model\n2025-10-05", "date,model\nyesterday,m",
        "date,model\n\"2025-10-05,m",
        "date,model,input_tokens\n2025-10-05,m,-1", "date,model,cost\n2025-10-05,m,1e9",
    ])
    func `what is no such file is refused`(_ text: String) {
        #expect(throws: Refusal.self) { try ProviderReport.read(text) }
    }

    @Test func `dated names are those of the models that they begin with`() {
        let result = Reconciliation(
            theirs: [self.key("gpt-4o-2024-08-06"): self.usage(100, 10), self.key("gpt-4o"): self.usage(50, 5)],
            ours: [self.key("gpt-4o"): self.usage(150, 15)],
            upstreams: ["gpt-4o"],
            tolerancePercent: 0
        )
        #expect(result.lines.map(\.key) == [self.key("gpt-4o")] && !result.isBeyond)
        #expect(result.lines[0].difference == 0)
    }

    @Test func `the largest difference of what both know is judged`() {
        func compared(_ ours: DayOfModel, tolerance: Double = 1) -> Reconciliation {
            Reconciliation(
                theirs: [self.key("m"): self.usage(1_000, 100, "1.00")],
                ours: [self.key("m"): ours],
                upstreams: ["m"],
                tolerancePercent: tolerance
            )
        }
        #expect(!compared(self.usage(1_010, 100, "1.00")).isBeyond)
        #expect(compared(self.usage(1_011, 100, "1.00")).isBeyond)
        #expect(compared(self.usage(1_000, 98, "1.00")).lines[0].difference == -2)
        #expect(compared(self.usage(1_000, 100, "1.05")).lines[0].difference == 5)
        #expect(!compared(self.usage(1_000, 100, "1.05"), tolerance: 5).isBeyond)
        #expect(!compared(self.usage(1_000, 100)).isBeyond, "a cost that one does not know is not judged")
    }

    @Test func `what only one side has is beyond any tolerance, on the days of the report`() {
        let theirs = [self.key("a"): self.usage(1, 1)]
        let ours = [self.key("b"): self.usage(1, 1), self.key("a", "2025-10-09"): self.usage(1, 1)]
        let result = Reconciliation(theirs: theirs, ours: ours, upstreams: [], tolerancePercent: 1_000)
        #expect(result.lines.map(\.key) == [self.key("a"), self.key("b")] && result.lines.allSatisfy(\.isBeyond))
    }

    @Test func `our kinds of tokens are added up as providers count them`() {
        let row: JSONValue = .object([
            "attempts": .integer(2), "inputTokens": .integer(10), "cachedInputTokens": .integer(5),
            "outputTokens": .integer(3),
            "reasoningTokens": .integer(4), "inputAudioTokens": .null, "costUsd": .string("0.25"),
        ])
        let expected = DayOfModel(requests: 2, inputTokens: 15, outputTokens: 7, cost: Decimal(string: "0.25"))
        #expect(DayOfModel(usage: row) == expected)
        #expect(DayOfModel(usage: .object([:])).inputTokens == nil)
    }

    @Test func `the day after a day is the next of the calendar`() throws {
        #expect(try ReconcileUsage.day(after: "2028-02-28") == "2028-02-29")
        #expect(try ReconcileUsage.day(after: "2026-12-31") == "2027-01-01")
    }

    @Test func `it is a command beneath usage`() throws {
        let command = try Martlet.parseAsRoot(["usage", "reconcile", "--provider", "openai", "--file", "x.csv"])
        let reconcile = try #require(command as? ReconcileUsage)
        #expect(reconcile.provider == "openai" && reconcile.tolerance == 1)
        #expect(try Martlet.parseAsRoot(["usage", "--by", "team"]) is Usage)
    }
}
