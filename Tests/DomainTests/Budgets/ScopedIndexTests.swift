import Domain
import TestSupport
import Testing

@Suite struct `Scopes` {
    private func name<Subject>(_ text: String) throws -> Name<Subject> { try #require(Name(text)) }

    private func attempt(
        team: String = "demo",
        key: String = "key-1",
        user: String = "ann",
        route: String? = "assistant",
        model: String = "local/m"
    ) throws -> ChargedAttempt {
        ChargedAttempt(
            caller: UsageEvent.Caller(
                application: try #require(ApplicationID(key)),
                team: try self.name(team),
                user: user,
                task: "legal",
                metadata: ["class": "internal", "cost": "é"]
            ),
            route: try route.map { try self.name($0) },
            model: try self.name(model),
            provider: try self.name("local")
        )
    }

    @Test func `a scope is about what matches all that it names`() throws {
        let attempt = try self.attempt()
        let matching = [
            Scope(), Scope(team: try self.name("demo")), Scope(application: ApplicationID("key-1")),
            Scope(route: try self.name("assistant")), Scope(model: try self.name("local/m")),
            Scope(provider: try self.name("local")), Scope(task: "legal"), Scope(metadata: ["class": "internal"]),
            Scope(team: try self.name("demo"), model: try self.name("local/m"), metadata: ["cost": "é"]),
        ]
        for scope in matching { #expect(scope.matches(attempt), "\(scope)") }
        let others = [
            Scope(team: try self.name("other")), Scope(application: ApplicationID("key-2")),
            Scope(route: try self.name("other")), Scope(model: try self.name("local/n")),
            Scope(provider: try self.name("openai")), Scope(task: "Legal"), Scope(metadata: ["class": "public"]),
            Scope(metadata: ["class": "internal", "more": ""]),
            // The same letter in other bytes.
            Scope(metadata: ["cost": "e\u{301}"]),
            Scope(team: try self.name("demo"), task: "support"),
        ]
        for scope in others { #expect(!scope.matches(attempt), "\(scope)") }
        #expect(!Scope(route: try self.name("assistant")).matches(try self.attempt(route: nil)))
    }

    @Test func `each unit has an account of its own, and who says nothing of it shares one`() throws {
        let attempt = try self.attempt()
        let units = Division.allCases.map { $0.unit(of: attempt) }
        #expect(units == ["", "demo", "key-1", "ann", "assistant", "local/m", "local", "legal"])
        #expect(Division.route.unit(of: try self.attempt(route: nil)) == "")
        #expect(Division.user.unit(of: try self.attempt(user: "")) == "")
    }

    @Test func `the index finds what looking at all of them finds, in an order of its own`() throws {
        var random = SeededGenerator.printed()
        let (teams, keys) = (["demo", "other", "third"], ["key-1", "key-2", "corp:ci"])
        var limits: [Limit] = []
        for number in 0..<200 {
            let scope = Scope(
                team: Bool.random(using: &random) ? try self.name(teams.randomElement(using: &random) ?? "") : nil,
                application: Int.random(in: 0..<4, using: &random) == 0
                    ? ApplicationID(keys.randomElement(using: &random) ?? "") : nil,
                route: Int.random(in: 0..<4, using: &random) == 0 ? try self.name("assistant") : nil
            )
            limits.append(Limit(name: try self.name("l\(number)"), scope: scope, concurrent: 1))
        }
        let index = ScopedIndex(limits)
        let shuffled = ScopedIndex(limits.shuffled(using: &random))
        for team in teams {
            for key in keys {
                let attempt = try self.attempt(team: team, key: key)
                let found = index.matching(attempt)
                #expect(Set(found) == Set(limits.filter { $0.scope.matches(attempt) }))
                #expect(found == shuffled.matching(attempt))
            }
        }
        #expect(ScopedIndex<Limit>([]).isEmpty && !index.isEmpty)
    }

    @Test func `a snapshot has each name once`() throws {
        let budget = Budget(name: try self.name("month"), amount: Money(nanoDollars: 1), period: BudgetPeriod(.month))
        let limit = Limit(name: try self.name("rate"), concurrent: 1)
        let content = try SnapshotContent(SnapshotSections(budgets: [budget], limits: [limit]))
        #expect(content.budgets.matching(try self.attempt()) == [budget])
        #expect(content.limits.matching(try self.attempt()) == [limit])
        for (sections, subject) in [
            (SnapshotSections(budgets: [budget, budget]), "budget month"),
            (SnapshotSections(limits: [limit, limit]), "limit rate"),
        ] {
            let flaw = #expect(throws: SnapshotContent.Flaw.self) { try SnapshotContent(sections) }
            #expect(flaw?.subject == subject && flaw?.detail == "is listed twice")
        }
    }
}
