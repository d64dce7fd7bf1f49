import Domain
import Schemas
import SwiftProtobuf
import Testing

@testable import Wire

@Suite struct `The sections of budgets and limits` {
    private static let scope = Scope(
        team: must(Name("demo")),
        application: must(ApplicationID("corp:ci-runner")),
        route: must(Name("assistant")),
        model: must(Name("local/small")),
        provider: must(Name("local")),
        task: "legal",
        metadata: ["data_class": "internal", "empty": ""]
    )
    private static let budgets = [
        Budget(
            name: must(Name("all")),
            amount: .max,
            period: BudgetPeriod(.total),
            isHard: false,
            cutsOff: true
        ),
        Budget(
            name: must(Name("demo-month")),
            scope: scope,
            per: .user,
            amount: Money(nanoDollars: 25_000_000_000),
            period: BudgetPeriod(.month, timeZone: "Europe/Berlin")
        ),
    ]
    private static let limits = [
        Limit(name: must(Name("all")), concurrent: Limit.countMax),
        Limit(name: must(Name("demo-rate")), scope: scope, per: .task, requestsPerMinute: 600, tokensPerMinute: 1),
    ]

    private static var sections: SnapshotSections {
        var sections = Sample.sections()
        (sections.budgets, sections.limits) = (self.budgets, self.limits)
        return sections
    }

    @Test func `they are read back as they were written, and who does not know them refuses the snapshot`() throws {
        let parts = try SectionCodec.encode(Self.sections)
        let own = parts.filter { ["budgets", "limits"].contains($0.kind) }
        #expect(own.map(\.isCritical) == [true, true])
        let decoded = try SectionCodec.decode(parts)
        #expect(decoded.budgets == Self.budgets && decoded.limits == Self.limits)
        var reversed = Self.sections
        reversed.budgets.reverse()
        reversed.limits.reverse()
        #expect(try SectionCodec.encode(reversed) == parts)
    }

    @Test func `they are absent where there are none`() throws {
        let parts = try SectionCodec.encode(Sample.sections())
        #expect(!parts.contains { ["budgets", "limits"].contains($0.kind) })
        #expect(try SectionCodec.decode(parts).budgets.isEmpty)
    }

    @Test func `there is one shard of each at most`() throws {
        let parts = try SectionCodec.encode(Self.sections)
        let references = parts.map(\.reference)
        try SectionKind.require(references)
        for kind in ["budgets", "limits"] {
            let part = try #require(parts.first { $0.kind == kind })
            let second = SnapshotSection(kind: kind, shard: 1, isCritical: true, bytes: part.bytes)
            #expect(throws: SnapshotRefusal.self) { try SectionKind.require(references + [second.reference]) }
        }
    }

    @Test func `who is told of what is spent is not told to nodes`() throws {
        let told = Budget(
            name: must(Name("all")),
            amount: Money(nanoDollars: 1),
            period: BudgetPeriod(.day),
            thresholds: [500, 1_000]
        )
        #expect(try BudgetsCodec.decode(BudgetsCodec.encode([told])).first?.thresholds == [])
    }

    @Test func `what cannot be kept as it is meant is refused`() throws {
        let budgets = try PBBudgetsSection(serializedBytes: BudgetsCodec.encode(Self.budgets))
        let changes: [(inout PBBudgetsSection) -> Void] = [
            { $0.format = 0 }, { $0.format = 2 }, { $0.budgets[1].name = "Demo" }, { $0.budgets[1].amount = 0 },
            { $0.budgets[1].amount = -1 }, { $0.budgets[1].per = "planet" }, { $0.budgets[1].per = "" },
            { $0.budgets[1].window = "year" }, { $0.budgets[1].timeZone = "" },
            { $0.budgets[1].timeZone = String(repeating: "z", count: 65) }, { $0.budgets[1].scope.team = "A" },
            { $0.budgets[1].scope.model = "local" }, { $0.budgets[1].scope.task = "a\nb" },
            { $0.budgets[1].scope.application = String(repeating: "k", count: ApplicationID.lengthMax + 1) },
            { $0.budgets[1].scope.metadata[""] = "x" },
            { for number in 0..<9 { $0.budgets[1].scope.metadata["\(number)"] = "" } },
            { $0.budgets = Array(repeating: $0.budgets[0], count: ScopedIndex<Budget>.itemsMax + 1) },
        ]
        for (index, change) in changes.enumerated() {
            var message = budgets
            change(&message)
            let bytes = message.deterministicBytes
            #expect(throws: WireError.self, "\(index)") { try BudgetsCodec.decode(bytes) }
        }
        let limits = try PBLimitsSection(serializedBytes: LimitsCodec.encode(Self.limits))
        let others: [(inout PBLimitsSection) -> Void] = [
            { $0.format = 0 }, { $0.format = 2 }, { $0.limits[1].name = "" }, { $0.limits[1].per = "none " },
            { $0.limits[1].concurrent = -1 }, { $0.limits[1].tokensPerMinute = Limit.countMax + 1 },
            { $0.limits[1].scope.provider = "a/b" },
            { $0.limits = Array(repeating: $0.limits[0], count: ScopedIndex<Limit>.itemsMax + 1) },
        ]
        for (index, change) in others.enumerated() {
            var message = limits
            change(&message)
            let bytes = message.deterministicBytes
            #expect(throws: WireError.self, "\(index)") { try LimitsCodec.decode(bytes) }
        }
    }

    @Test func `fields of a newer build are passed over, and said twice they are refused`() throws {
        let bytes = BudgetsCodec.encode(Self.budgets)
        #expect(try BudgetsCodec.decode(bytes + [0xA0, 0x06, 1]) == Self.budgets)
        #expect(throws: WireError.self) { try BudgetsCodec.decode(bytes + [15 << 3, 1]) }
        #expect(throws: WireError.self) { try LimitsCodec.decode(LimitsCodec.encode(Self.limits) + [15 << 3, 1]) }
    }

    /// Otherwise what the catalogue takes could keep every later snapshot from being published.
    @Test func `as many as there may be fit, each as long as it may be`() throws {
        func longest<Subject>(_ segments: Int = 1, _ ending: String = "") -> Name<Subject> {
            let segment = String(repeating: "n", count: NameGrammar.segmentLengthMax)
            let text = Array(repeating: segment, count: segments).joined(separator: "/")
            return must(Name(text.dropLast(ending.utf8.count) + ending))
        }
        let pair = Scope.metadataBytesMax / Scope.metadataMax
        let keys = (0..<Scope.metadataMax).map { String(repeating: "\($0)", count: pair / 2) }
        let scope = Scope(
            team: longest(),
            application: ApplicationID(String(repeating: "k", count: ApplicationID.lengthMax)),
            route: longest(),
            model: longest(2),
            provider: longest(),
            task: String(repeating: "t", count: Scope.taskLengthMax),
            metadata: Dictionary(uniqueKeysWithValues: keys.map { ($0, String(repeating: "v", count: pair / 2)) })
        )
        let zone = String(repeating: "z", count: BudgetPeriod.timeZoneLengthMax)
        var sections = Sample.sections()
        for number in 10_000..<10_000 + ScopedIndex<Budget>.itemsMax {
            let period = BudgetPeriod(.month, timeZone: zone)
            let budget: Name<Budget> = longest(1, "\(number)")
            sections.budgets.append(
                Budget(name: budget, scope: scope, per: .provider, amount: .max, period: period, cutsOff: true)
            )
            let limit = Limit(
                name: longest(1, "\(number)"),
                scope: scope,
                per: .provider,
                requestsPerMinute: Limit.countMax,
                tokensPerMinute: Limit.countMax,
                concurrent: Limit.countMax
            )
            sections.limits.append(limit)
        }
        let decoded = try SectionCodec.decode(try SectionCodec.encode(sections))
        #expect(decoded.budgets == sections.budgets && decoded.limits == sections.limits)
    }
}
