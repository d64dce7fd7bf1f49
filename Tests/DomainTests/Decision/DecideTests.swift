import Domain
import TestSupport
import Testing

@Suite struct `The decision` {
    private struct Asked {
        var wanted = "assistant"
        var roles = ["everyone"]
        var cap: Int64?
        var at: Int64 = 1_000
        var denied = DenyList()
        var signals = Signals()
        var fixture: SnapshotFixture

        func decided() throws -> Result<Plan, Fault> {
            let key = try SnapshotFixture.key(1, roles: self.roles)
            let facts = Facts(
                wanted: self.wanted,
                isStream: false,
                outputCap: self.cap,
                admitted: Timestamp(unixMilliseconds: self.at)
            )
            let snapshot = try self.fixture.snapshot(denyList: self.denied)
            return Result { () throws(Fault) in
                try decide(snapshot, application: key.application, facts: facts, signals: self.signals)
            }
        }
    }

    private func asked() throws -> Asked {
        var fixture = try SnapshotFixture()
        fixture.roles += [
            try SnapshotFixture.role("nothing", routes: [], models: []),
            try SnapshotFixture.role("large", routes: [], models: ["local/l*"]),
        ]
        return Asked(fixture: fixture)
    }

    private func code(_ result: Result<Plan, Fault>) -> Fault.Code? {
        guard case .failure(let fault) = result else { return nil }
        return fault.code
    }

    @Test func `a route gives its models in order, each once`() throws {
        let plan = try self.asked().decided().get()
        #expect(plan.route?.text == "assistant")
        #expect(plan.attempts.map(\.model.name.text) == ["local/small", "local/large"])
        #expect(plan.attempts.allSatisfy { $0.provider.name.text == "local" && $0.price.version == 1 })
    }

    @Test func `what is permitted and what is not`() throws {
        let cases: [(wanted: String, roles: [String], code: Fault.Code?)] = [
            ("assistant", ["everyone"], nil),
            ("assistant", ["nothing", "everyone"], nil),
            ("assistant", ["nothing"], .modelNotAllowed),
            ("assistant", [], .modelNotAllowed),
            ("assistant", ["gone"], .modelNotAllowed),
            ("local/large", ["large"], nil),
            ("local/small", ["large"], .modelNotAllowed),
            ("local/small", ["everyone"], .modelNotAllowed),
            ("assistant", ["large"], .modelNotAllowed),
            ("other", ["everyone"], .modelNotFound),
            ("local/none", ["everyone"], .modelNotFound),
            ("", ["everyone"], .modelNotFound),
            ("Assistant", ["everyone"], .modelNotFound),
            ("assistant ", ["everyone"], .modelNotFound),
            (String(repeating: "x", count: 100_000), ["everyone"], .modelNotFound),
        ]
        for (wanted, roles, code) in cases {
            var asked = try self.asked()
            asked.wanted = wanted
            asked.roles = roles
            #expect(self.code(try asked.decided()) == code, "\(wanted.prefix(40)) with \(roles)")
        }
    }

    @Test func `a fault never repeats more than a name's length of what was asked`() throws {
        var asked = try self.asked()
        asked.wanted = String(repeating: "x", count: 100_000)
        guard case .failure(let fault) = try asked.decided() else {
            Issue.record("a name that long was found")
            return
        }
        #expect(fault.message.utf8.count < 400)
        #expect(fault.parameter == "model")
    }

    @Test func `a model asked for by its own name has no route and the default cap`() throws {
        var asked = try self.asked()
        asked.wanted = "local/large"
        asked.roles = ["large"]
        let plan = try asked.decided().get()
        #expect(plan.route == nil)
        #expect(plan.attempts.map(\.model.name.text) == ["local/large"])
        #expect(plan.attempts[0].outputCap == 1_024)
        #expect(plan.timeouts == Timeouts())
    }

    @Test func `the output cap is the smallest of the caller's, the route's and the model's`() throws {
        for (caller, route, model, cap) in [
            (nil, 512, 1_024, 512), (100, 512, 1_024, 100), (9_999, 512, 1_024, 512), (nil, 4_096, 1_024, 1_024),
            (.max, 4_096, 1_024, 1_024),
        ] as [(Int64?, Int64, Int64, Int64)] {
            var asked = try self.asked()
            asked.cap = caller
            asked.fixture.models = [
                try SnapshotFixture.model("local/small", maxOutput: model), try SnapshotFixture.model("local/large"),
            ]
            asked.fixture.routes = [try SnapshotFixture.route("assistant", use: ["local/small"], maxOutput: route)]
            #expect(try asked.decided().get().attempts[0].outputCap == cap)
        }
    }

    @Test func `a stopped model and one without a credential are passed over`() throws {
        let small = try #require(Name<Model>("local/small"))
        let large = try #require(Name<Model>("local/large"))
        var asked = try self.asked()
        asked.denied = DenyList(number: 1, stoppedModels: [small])
        #expect(try asked.decided().get().attempts.map(\.model.name) == [large])
        asked.signals = Signals(withoutCredential: [large])
        #expect(self.code(try asked.decided()) == .upstreamError)
    }

    @Test func `a model costs what it cost at admission, and cannot be called before it has a price`() throws {
        var asked = try self.asked()
        asked.fixture.models = [
            try SnapshotFixture.model(
                "local/small",
                prices: [SnapshotFixture.price(version: 1, from: 500), SnapshotFixture.price(version: 2, from: 2_000)]
            ),
            try SnapshotFixture.model("local/large", prices: [SnapshotFixture.price(version: 7, from: 1_500)]),
        ]
        #expect(try asked.decided().get().attempts.map(\.price.version) == [1])
        asked.at = 2_000
        #expect(try asked.decided().get().attempts.map(\.price.version) == [2, 7])
        asked.at = 499
        #expect(self.code(try asked.decided()) == .upstreamError)
    }

    @Test func `the same arguments give the same plan`() throws {
        var random = SeededGenerator.printed()
        for _ in 0..<200 {
            var asked = try self.asked()
            asked.wanted = ["assistant", "local/small", "local/large", "none"].randomElement(using: &random) ?? ""
            asked.roles = ["everyone", "nothing", "large"].filter { _ in Bool.random(using: &random) }
            asked.cap = Bool.random(using: &random) ? .random(in: 0...2_000, using: &random) : nil
            let first = try asked.decided()
            let second = try asked.decided()
            #expect(first == second)
            if case .success(let plan) = first { #expect(!plan.attempts.isEmpty) }
        }
    }
}

@Suite struct `Faults` {
    @Test func `each code has the contract's status`() {
        let statuses: [Int: [Fault.Code]] = [
            400: [.invalidRequest, .contextLengthExceeded, .unsupportedState], 401: [.invalidAPIKey],
            402: [.budgetExceeded], 403: [.modelNotAllowed, .policyDenied], 404: [.modelNotFound, .promptNotFound],
            408: [.requestTimeout], 413: [.requestTooLarge], 415: [.unsupportedEncoding],
            429: [.rateLimitExceeded, .upstreamRateLimited], 502: [.upstreamError],
            503: [.notReady, .overloaded, .budgetUnavailable], 504: [.upstreamTimeout],
        ]
        #expect(statuses.values.map(\.count).reduce(0, +) == Fault.Code.allCases.count)
        for (status, codes) in statuses {
            for code in codes { #expect(code.status == status) }
        }
    }

    @Test func `an upstream's own status is passed on`() {
        #expect(Fault(.invalidRequest, status: 422, "as the provider says").status == 422)
    }
}
