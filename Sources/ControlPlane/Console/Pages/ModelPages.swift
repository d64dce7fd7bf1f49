import Domain

/// Models: what they cost, who may use them, and their approval.
enum ModelPages {
    static var routes: [ConsoleRoute] {
        [.show("models", self.list), .show("models/{name}", self.show)] + Verb.allCases.map(self.form)
    }

    @Sendable static func list(_ visit: Visit) async throws -> Page {
        let page = try await visit.get("/models", query: Paging.query(visit))
        return Page(
            "Models",
            in: .models,
            .models,
            [
                "rows": .unlessEmpty(page.items("items").map(self.row)),
                "paging": Paging.json(page, visit, Link.to("models")),
            ]
        )
    }

    private static func row(_ model: JSON) -> JSON {
        let price = model["price"] ?? [:]
        func rate(_ name: String) -> JSON { price[name]?.string.map { .string(Figures.price($0)) } ?? .null }
        let revision = model.integer("revision")
        let isServed = model["inForce"]?.integer != nil
        return [
            "name": model["name"] ?? .null, "link": .string(Link.to("models", model.text("name"))),
            "status": State.json(model.text("state")), "upstream": model["upstream"] ?? .null,
            "input": rate("input"), "cachedInput": rate("cachedInput"), "output": rate("output"),
            "otherRates": .array(PriceLines.json(price)),
            "from": Figures.time(price["from"]), "hasPrice": .bool(model["price"] != nil),
            "context": Figures.count(model["context"]), "maxOutput": Figures.count(model["maxOutput"]),
            "capabilities": .string(model.items("capabilities").compactMap(\.string).joined(separator: ", ")),
            "author": model["author"] ?? .null, "created": Figures.time(model["created"]),
            "isServed": .bool(isServed), "differs": .bool(isServed && model["inForce"]?.integer != revision),
            "revision": .number(revision),
            "proposal": model["proposal"]?.string.map { .string(Link.to("proposals", $0)) } ?? .null,
        ]
    }

    @Sendable static func show(_ visit: Visit) async throws -> Page {
        let name = visit.parameter("name")
        let model = try await visit.get("/models/{name}", ["name": name])
        let history = try await visit.get("/models/{name}/revisions", ["name": name], query: Paging.query(visit))
        let isWriter = try await self.isWriter(of: model["proposal"]?.string, visit)
        let verbs = Verb.allCases.filter { $0.fits(model.text("state"), isServed: model["inForce"]?.integer != nil) }
            .filter { visit.may(.post, "/models/{name}/\($0)") && ($0 != .approve || !isWriter) }
        return Page(
            name,
            in: .models,
            .model,
            self.row(model).merging([
                "revisions": .array(
                    history.items("items").map { revision in
                        self.row((revision["content"] ?? [:]).merging(["state": revision["state"] ?? .null]))
                            .merging([
                                "number": revision["revision"] ?? .null, "author": revision["author"] ?? .null,
                                "created": Figures.time(revision["created"]),
                            ])
                    }
                ),
                "paging": Paging.json(history, visit, Link.to("models", name)),
                "verbs": .unlessEmpty(
                    verbs.map { verb in
                        [
                            "title": .string(verb.title), "explanation": .string(verb.explanation),
                            "action": .string(Link.to("models", name, verb.rawValue)),
                            "isGrave": .bool(verb == .stop),
                        ]
                    }
                ),
                "reason": .string(visit.typed("reason")), "refusal": ProblemView.json(visit),
            ])
        )
    }

    /// Whether the principal wrote what is proposed, and so does not approve it.
    private static func isWriter(of proposal: String?, _ visit: Visit) async throws -> Bool {
        guard let proposal else { return false }
        let writers = try await visit.get("/proposals/{id}", ["id": proposal]).items("writers")
        return writers.contains(.string(visit.caller.name))
    }

    /// What can be done with a model, in the order in which it is done in a model's life.
    private enum Verb: String, CaseIterable, CustomStringConvertible {
        case propose
        case approve
        case reject
        case deprecate
        case stop

        var description: String { self.rawValue }
        var title: String { self.rawValue.withCapital }

        var explanation: String {
            switch self {
            case .propose: "Ask somebody else to approve it as it is written now."
            case .approve: "Let nodes serve it as it is written now."
            case .reject: "Refuse what is proposed; what is in force stays so."
            case .deprecate: "Mark it as on its way out; it goes on working."
            case .stop: "Take it out of service on every node at once."
            }
        }

        var word: String {
            switch self {
            case .propose: "proposed"
            case .approve: "approved"
            case .reject: "rejected"
            case .deprecate: "deprecated"
            case .stop: "stopped"
            }
        }

        /// Whether it makes sense in this state; the admin API has the last word.
        func fits(_ state: String, isServed: Bool) -> Bool {
            switch self {
            case .propose: ["draft", "rejected", "deprecated", "stopped"].contains(state)
            case .approve, .reject: state == "proposed"
            case .deprecate: state == "approved"
            case .stop: isServed
            }
        }
    }

    private static func form(_ verb: Verb) -> ConsoleRoute {
        ConsoleRoute(
            "models/{name}/\(verb.rawValue)",
            .perform(
                { visit in
                    let name = visit.parameter("name")
                    let model = try await visit.send(
                        .post,
                        "/models/{name}/\(verb.rawValue)",
                        ["name": name],
                        visit.reason
                    )
                    let waits = model.text("state") == "proposed" && verb == .approve
                    let word = waits ? "Your approval of \(name) is in; more are needed." : "\(name) is \(verb.word)."
                    return Done(location: Link.to("models", name), word: word)
                },
                orShow: self.show
            )
        )
    }
}
