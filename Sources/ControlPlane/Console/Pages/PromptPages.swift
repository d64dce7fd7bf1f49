import Domain

/// Prompts: their versions, what differs between two of them, and the labels that say which one is used.
enum PromptPages {
    static var routes: [ConsoleRoute] {
        [
            .show("prompts", self.list), .show("prompts/{name}", self.show),
            ConsoleRoute("prompts/{name}/label", .perform(self.moveLabel, orShow: self.show)),
            ConsoleRoute("prompts/{name}/rollback", .perform(self.rollBack, orShow: self.show)),
        ]
    }

    @Sendable static func list(_ visit: Visit) async throws -> Page {
        let page = try await visit.get("/outlines/prompts", query: Paging.query(visit))
        let rows = page.items("items").map { prompt -> JSON in
            [
                "name": prompt["name"] ?? .null, "link": .string(Link.to("prompts", prompt.text("name"))),
                "versions": .string(Figures.count(prompt.integer("versionCount"))),
                "labels": .unlessEmpty(self.labels(prompt["labelsInForce"] ?? [:])),
                "status": State.json(prompt.text("state")), "author": prompt["author"] ?? .null,
                "created": Figures.time(prompt["created"]), "proposal": self.proposal(prompt),
            ]
        }
        return Page(
            "Prompts",
            in: .prompts,
            .prompts,
            ["rows": .unlessEmpty(rows), "paging": Paging.json(page, visit, Link.to("prompts"))]
        )
    }

    private static func proposal(_ prompt: JSON) -> JSON {
        prompt["proposal"]?.string.map { .string(Link.to("proposals", $0)) } ?? .null
    }

    /// `production` stands for `version 2`, or for `version 1 (90), version 2 (10) by user`.
    private static func labels(_ targets: JSON) -> [JSON] {
        targets.members.map { name, target in
            let versions = target["weights"].map { weights in
                let shares = weights.members.map { "version \($0.name) (\($0.value.text ?? ""))" }
                return "\(shares.joined(separator: ", ")) by \(target.text("by"))"
            }
            return ["name": .string(name), "target": .string(versions ?? "version \(target.text ?? "")")]
        }
    }

    // MARK: - One prompt

    @Sendable static func show(_ visit: Visit) async throws -> Page {
        let name = visit.parameter("name")
        let prompt = try await visit.get("/prompts/{name}", ["name": name])
        let versions = try await visit.get("/prompts/{name}/versions", ["name": name], query: Paging.query(visit))
        let newest = Int64(prompt.items("versions").count)
        let protected = prompt.items("protected").compactMap(\.string)
        return Page(
            name,
            in: .prompts,
            .prompt,
            [
                "name": .string(name), "status": State.json(prompt.text("state")), "proposal": self.proposal(prompt),
                "revision": prompt["revision"] ?? .null, "link": .string(Link.to("prompts", name)),
                "labels": .unlessEmpty(
                    self.labels(prompt["labelsInForce"] ?? [:]).map { label in
                        label.merging(["isProtected": .bool(protected.contains(label.text("name")))])
                    }
                ),
                "versions": .array(versions.items("items").map { self.version($0, of: name, newest: newest) }),
                "paging": Paging.json(versions, visit, Link.to("prompts", name)),
                "difference": try await self.difference(visit, name, newest: newest),
                "canMove": .bool(visit.may(.put, "/prompts/{name}/labels/{label}")),
                "canRollBack": .bool(visit.may(.post, "/prompts/{name}/rollback")),
                "forms": self.forms(visit, newest: newest),
                "protected": .unlessEmpty(protected.joined(separator: ", ")),
            ]
        )
    }

    private static func version(_ version: JSON, of name: String, newest: Int64) -> JSON {
        let number = version.integer("number")
        let compare = "\(Link.to("prompts", name))?from=\(number - 1)&to=\(number)#difference"
        return [
            "number": .number(number), "isNewest": .bool(number == newest),
            "labels": .unlessEmpty(version.items("labels")), "author": version["author"] ?? .null,
            "created": Figures.time(version["created"]), "notes": .unlessEmpty(version.text("notes")),
            "compare": number > 1 ? .string(compare) : .null, "before": .number(number - 1),
            "messages": .array(
                version.items("messages").map { ["role": $0["role"] ?? .null, "content": $0["content"] ?? .null] }
            ),
            "rest": .unlessEmpty(self.rest(of: version)),
        ]
    }

    /// What a version has beside its messages.
    private static func rest(of version: JSON) -> String {
        let names = ["partials", "variables", "parameters"]
        let members = names.compactMap { name in version[name].map { (name, $0) } }
        return members.isEmpty ? "" : JSON.object(Dictionary(members) { $1 }).readingLines.joined(separator: "\n")
    }

    private static func difference(_ visit: Visit, _ name: String, newest: Int64) async throws -> JSON {
        guard newest > 1 else { return .null }
        let asked = ["from", "to"].compactMap { side in visit.query[side].map { (side, $0) } }
        let found = try await visit.get(
            "/prompts/{name}/diff",
            ["name": name],
            query: Dictionary(asked) { first, _ in first }
        )
        let (from, to) = (found.integer("from"), found.integer("to"))
        func choices(_ chosen: Int64) -> JSON {
            .array((1...newest).reversed().map { ["number": .number($0), "isChosen": .bool($0 == chosen)] })
        }
        // The texts are shown as lines; what else is different, as fields.
        let fields = found.items("fields").filter { !$0.text("path").hasPrefix("/messages") }
        return [
            "from": .number(from), "to": .number(to), "fromChoices": choices(from), "toChoices": choices(to),
            "view": .string(Ways.chosen(visit).rawValue),
            "lines": DifferenceView(api: found.items("lines")).json(Ways.chosen(visit)),
            "fields": ProposalView.difference(fields, Ways.chosen(visit)),
            "ways": Ways.json(visit, Link.to("prompts", name), "from=\(from)&to=\(to)&"),
        ]
    }

    // MARK: - Moving labels

    private static func forms(_ visit: Visit, newest: Int64) -> JSON {
        let chosen = visit.form["version"].flatMap { Int64($0) } ?? newest
        return [
            "label": .string(visit.form["label"] ?? "production"),
            "choices": .array(
                (1...max(1, newest)).reversed().map { ["number": .number($0), "isChosen": .bool($0 == chosen)] }
            ),
            "refusal": ProblemView.json(visit),
        ]
    }

    @Sendable private static func moveLabel(_ visit: Visit) async throws -> Done {
        let (name, label) = (visit.parameter("name"), visit.typed("label"))
        let version = visit.form["version"].flatMap { Int64($0) }
        let body: [String: JSON] = ["version": version.map { .number($0) } ?? .string(visit.typed("version"))]
        let path = "/prompts/{name}/labels/{label}"
        let prompt = try await visit.send(.put, path, ["name": name, "label": label], body)
        return self.done(name, label, prompt)
    }

    @Sendable private static func rollBack(_ visit: Visit) async throws -> Done {
        let name = visit.parameter("name")
        let body: [String: JSON] = visit.form["label"].map { ["label": .string($0)] } ?? [:]
        let prompt = try await visit.send(.post, "/prompts/{name}/rollback", ["name": name], body)
        return self.done(name, visit.form["label"] ?? "production", prompt)
    }

    private static func done(_ name: String, _ label: String, _ prompt: JSON) -> Done {
        if let proposal = prompt["proposal"]?.string {
            return Done(location: Link.to("proposals", proposal), word: "The move of \(label) waits for an approver.")
        }
        let target = self.labels(prompt["labelsInForce"] ?? [:]).first { $0.text("name") == label }
        let words = target.map { " stands for \($0.text("target"))" } ?? " was moved"
        return Done(location: Link.to("prompts", name), word: "\(label)\(words) now.")
    }
}
