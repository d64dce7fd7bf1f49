import Domain
import Testing

@Suite struct `Snapshot content` {
    @Test func `what holds together is indexed`() throws {
        let content = try SnapshotContent(SnapshotFixture().sections)
        #expect(content.models.count == 2)
        #expect(content.keys.count == 1)
        #expect(content.routes.keys.map(\.text) == ["assistant"])
    }

    @Test func `each flaw is found and named`() throws {
        typealias Change = (inout SnapshotFixture) throws -> Void
        let flaws: [(subject: String, detail: String, change: Change)] = [
            ("provider local", "twice", { $0.providers.append($0.providers[0]) }),
            ("model local/small", "twice", { $0.models.append($0.models[0]) }),
            ("route assistant", "twice", { $0.routes.append($0.routes[0]) }),
            ("team demo", "twice", { $0.teams.append($0.teams[0]) }),
            ("role everyone", "twice", { $0.roles.append($0.roles[0]) }),
            ("key 0101", "twice", { $0.keys.append($0.keys[0]) }),
            ("model local/small", "not its own", { $0.providers = [] }),
            ("model other/x", "not its own", { $0.models.append(try SnapshotFixture.model("other/x")) }),
            ("model local/x", "no price", { $0.models.append(try SnapshotFixture.model("local/x", prices: [])) }),
            (
                "model local/x", "below zero",
                { $0.models.append(try SnapshotFixture.model("local/x", prices: [SnapshotFixture.price(input: -1)])) }
            ),
            (
                "model local/x", "above a dollar",
                { $0.models.append(try SnapshotFixture.model("local/x", prices: [SnapshotFixture.price(input: .max)])) }
            ),
            (
                "model local/x", "one version",
                {
                    let prices = [SnapshotFixture.price(), SnapshotFixture.price(from: 5)]
                    $0.models.append(try SnapshotFixture.model("local/x", prices: prices))
                }
            ),
            ("model local/x", "no context", { $0.models.append(try SnapshotFixture.model("local/x", context: 0)) }),
            ("model local/x", "believed", { $0.models.append(try SnapshotFixture.model("local/x", context: .max)) }),
            ("model local/x", "no output", { $0.models.append(try SnapshotFixture.model("local/x", maxOutput: -1)) }),
            (
                "model local/x", "upstream name",
                { $0.models.append(try SnapshotFixture.model("local/x", upstream: "")) }
            ),
            ("route r", "without models", { $0.routes.append(try SnapshotFixture.route("r", use: [])) }),
            ("route r", "not in this snapshot", { $0.routes.append(try SnapshotFixture.route("r", use: ["local/x"])) }),
            (
                "route r", "not in this snapshot",
                { $0.routes.append(try SnapshotFixture.route("r", use: ["local/small"], fallback: ["local/x"])) }
            ),
            (
                "route r", "no output",
                { $0.routes.append(try SnapshotFixture.route("r", use: ["local/small"], maxOutput: 0)) }
            ),
            (
                "route r", "timeout",
                {
                    let timeouts = Timeouts(connect: 0)
                    $0.routes.append(try SnapshotFixture.route("r", use: ["local/small"], timeouts: timeouts))
                }
            ),
            (
                "route r", "timeout",
                {
                    let timeouts = Timeouts(total: .max)
                    $0.routes.append(try SnapshotFixture.route("r", use: ["local/small"], timeouts: timeouts))
                }
            ),
            ("key key-2", "team other", { $0.keys.append(try SnapshotFixture.key(2, team: "other", roles: [])) }),
            ("key key-2", "role admin", { $0.keys.append(try SnapshotFixture.key(2, roles: ["everyone", "admin"])) }),
        ]
        for (subject, detail, change) in flaws {
            var fixture = try SnapshotFixture()
            try change(&fixture)
            let flaw = #expect(throws: SnapshotContent.Flaw.self) { try SnapshotContent(fixture.sections) }
            #expect(flaw?.subject.hasPrefix(subject) == true, "\(subject): \(String(describing: flaw))")
            #expect(flaw?.detail.contains(detail) == true, "\(detail): \(String(describing: flaw))")
        }
    }

    @Test func `a model whose price or estimates cannot be is a flaw`() throws {
        let rates = Rates(input: .zero, output: .zero)
        let tariff = Tariff(rates, others: [RateTable(rates)])
        let price = Price(version: 1, from: Timestamp(unixMilliseconds: 0), tariff: tariff)
        let models = [
            ("tables that overlap", try SnapshotFixture.model("local/x", prices: [price])),
            ("adds more tokens", try SnapshotFixture.model("local/x", overheadTokens: -1)),
            ("adds more tokens", try SnapshotFixture.model("local/x", overheadTokens: Model.estimateMax + 1)),
            ("adds more tokens", try SnapshotFixture.model("local/x", imageTokensMax: 0)),
        ]
        for (detail, model) in models {
            var fixture = try SnapshotFixture()
            fixture.models.append(model)
            let flaw = #expect(throws: SnapshotContent.Flaw.self) { try SnapshotContent(fixture.sections) }
            #expect(flaw?.subject == "model local/x")
            #expect(flaw?.detail.contains(detail) == true, "\(detail): \(String(describing: flaw))")
        }
    }

    @Test func `of two flaws the first in the sections' order is named, every time`() throws {
        for _ in 0..<20 {
            var fixture = try SnapshotFixture()
            fixture.models = try (0..<20).map { try SnapshotFixture.model("local/m\($0)", context: 0) }
            let flaw = #expect(throws: SnapshotContent.Flaw.self) { try SnapshotContent(fixture.sections) }
            #expect(flaw?.subject == "model local/m0")
        }
    }

    @Test func `a key is worth nothing from its expiry on, nor once it is revoked`() throws {
        var fixture = try SnapshotFixture()
        fixture.keys = [try SnapshotFixture.key(1, roles: [], expires: 1_000)]
        let digest = fixture.keys[0].digest
        let snapshot = try fixture.snapshot()
        #expect(snapshot.key(digest, at: Timestamp(unixMilliseconds: 999)) == fixture.keys[0])
        #expect(snapshot.key(digest, at: Timestamp(unixMilliseconds: 1_000)) == nil)
        let revoked = try fixture.snapshot(denyList: DenyList(number: 1, revokedKeys: [fixture.keys[0].id]))
        #expect(revoked.key(digest, at: Timestamp(unixMilliseconds: 0)) == nil)
        let other = try #require(Digest([UInt8](repeating: 9, count: 32)))
        #expect(snapshot.key(other, at: Timestamp(unixMilliseconds: 0)) == nil)
    }

    @Test func `a version is shown as the header has it`() {
        #expect(SnapshotVersion(epoch: 3, sequence: 42, headVersion: 57).description == "42.57")
    }
}
