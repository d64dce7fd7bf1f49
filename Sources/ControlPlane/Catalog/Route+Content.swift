package import Domain
package import Storage

extension Route: CatalogContent {
    package static var kind: Kind { .routes }
    package static var kindsNamed: Set<Kind> { [.models] }
    package var title: String { self.name.text }

    package static var hints: [String: String] {
        ["strategy": "strategies are not supported yet", "stateful": "stateful routes are not supported yet"]
    }

    private static let outputMax: Int64 = 100_000_000
    private static let rulesMax = 256
    private static let modelsMax = 16

    package init?(_ form: inout Form) {
        let name: Name<Route>? = form.name("name")
        let rules = form.objects("rules", isRequired: true, Self.rule)
        if let rules, rules.isEmpty || rules.count > Self.rulesMax {
            form.add("rules", "must hold 1 to \(Self.rulesMax) rules")
        }
        let maxOutput = form.integer("maxOutput", in: 1...Self.outputMax, default: Route.maxOutputDefault)
        let timeouts = form.value("timeouts") == nil ? Timeouts() : form.object("timeouts", Self.timeouts)
        let retryBilled = form.flag("retryBilled", default: false)
        let hangUp: HangUp? = form.choice("hangUp", default: .drain)
        guard let name, let rules, let maxOutput, let timeouts, let hangUp, form.isGood else { return nil }
        self.init(
            name: name,
            rules: rules,
            maxOutput: maxOutput,
            timeouts: timeouts,
            retryBilled: retryBilled,
            hangUp: hangUp
        )
    }

    private static func rule(_ form: inout Form) -> Rule? {
        let use: [Name<Model>]? = form.names("use", isRequired: true)
        let fallback: [Name<Model>]? = form.names("fallback")
        form.finish(hints: ["when": "conditions are not supported yet: leave `when` out"])
        if use?.isEmpty == true { form.add("use", "must name at least one model") }
        guard let use, let fallback, form.isGood else { return nil }
        if use.count + fallback.count > Self.modelsMax {
            form.add("use", "more than \(Self.modelsMax) models in a rule")
        }
        return Rule(use: use, fallback: fallback)
    }

    private static func timeouts(_ form: inout Form) -> Timeouts? {
        let standard = Timeouts()
        /// A day: beyond it, a wait is no timeout.
        let range: ClosedRange<Int64> = 1...86_400_000
        let connect = form.integer("connectMs", in: range, default: standard.connect)
        let streamed = form.integer("firstByteStreamedMs", in: range, default: standard.firstByteStreamed)
        let whole = form.integer("firstByteWholeMs", in: range, default: standard.firstByteWhole)
        let chunks = form.integer("betweenChunksMs", in: range, default: standard.betweenChunks)
        let total = form.integer("totalMs", in: range, default: standard.total)
        form.finish()
        guard let connect, let streamed, let whole, let chunks, let total else { return nil }
        return Timeouts(
            connect: connect,
            firstByteStreamed: streamed,
            firstByteWhole: whole,
            betweenChunks: chunks,
            total: total
        )
    }

    package var json: JSON {
        .object([
            "name": .string(self.name.text),
            "rules": .array(self.rules.map(Self.json)),
            "maxOutput": .number(self.maxOutput),
            "timeouts": .object([
                "connectMs": .number(self.timeouts.connect),
                "firstByteStreamedMs": .number(self.timeouts.firstByteStreamed),
                "firstByteWholeMs": .number(self.timeouts.firstByteWhole),
                "betweenChunksMs": .number(self.timeouts.betweenChunks),
                "totalMs": .number(self.timeouts.total),
            ]),
            "retryBilled": .bool(self.retryBilled),
            "hangUp": .string(self.hangUp.rawValue),
        ])
    }

    private static func json(_ rule: Rule) -> JSON {
        var members: [String: JSON] = ["use": .array(rule.use.map { .string($0.text) })]
        if !rule.fallback.isEmpty { members["fallback"] = .array(rule.fallback.map { .string($0.text) }) }
        return .object(members)
    }

    package var references: [Reference] {
        self.rules.enumerated().flatMap { rule in
            [("use", rule.element.use), ("fallback", rule.element.fallback)].flatMap { field, models in
                models.enumerated().map {
                    Reference(
                        pointer: "/rules/\(rule.offset)/\(field)/\($0.offset)",
                        kind: .models,
                        name: $0.element.text
                    )
                }
            }
        }
    }
}
