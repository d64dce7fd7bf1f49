import Domain
import Storage

extension AdminAPI {
    /// What only prompts have: versions that are added, labels that move, and a look at the text before anybody pays for it.
    var promptEndpoints: [Endpoint] { self.promptVersionEndpoints + self.promptLabelEndpoints }

    private var promptVersionEndpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/outlines/prompts",
                .read,
                "List all prompts by name without their versions' texts: their labels, and how many versions each has.",
                reply: "PromptOutlinePage",
                query: ["limit", "after"],
                reach: .anywhere,
                .read(self.listOutlines)
            ),
            Endpoint(
                .get,
                "/prompts/{name}/versions",
                .read,
                "List a prompt's versions, newest first.",
                reply: "PromptVersionPage",
                query: ["limit", "after"],
                reach: .anywhere,
                .read(self.listVersions)
            ),
            Endpoint(
                .get,
                "/prompts/{name}/versions/{number}",
                .read,
                "Show one version of a prompt.",
                reply: "PromptVersionItem",
                reach: .anywhere,
                .read(self.showVersion)
            ),
            self.promptWrite(
                .post,
                "versions",
                "Add a version to a prompt, or make a prompt of it. One that is there, notes aside, is not added again.",
                body: "PromptVersion",
                takesYAML: true,
                statuses: [200, 201, 202],
                self.addVersion
            ),
            Endpoint(
                .post,
                "/prompts/{name}/test",
                .read,
                "Render a version as a node would, for these variables. Nothing is sent anywhere.",
                body: "PromptTest",
                reply: "RenderedPrompt",
                reach: .anywhere,
                .read(self.render)
            ),
            Endpoint(
                .get,
                "/prompts/{name}/diff",
                .read,
                "What differs between two versions: fields, and lines of their texts.",
                reply: "PromptDifference",
                query: ["from", "to"],
                reach: .anywhere,
                .read(self.compare)
            ),
        ]
    }

    private var promptLabelEndpoints: [Endpoint] {
        [
            self.promptWrite(
                .put,
                "labels/{label}",
                "Let a label stand for a version, or for several by weights.",
                body: "PromptLabelTarget",
                statuses: [200, 202],
                self.moveLabel
            ),
            self.promptWrite(
                .delete,
                "labels/{label}",
                "Take a label away.",
                statuses: [200, 202],
                self.removeLabel
            ),
            self.promptWrite(
                .post,
                "rollback",
                "Let a label stand for what it stood for before; `production` if none is named.",
                body: "PromptRollback",
                isBodyRequired: false,
                statuses: [200, 202],
                self.rollBack
            ),
        ]
    }

    private func promptWrite(
        _ method: Endpoint.Method,
        _ verb: String,
        _ summary: String,
        body: String? = nil,
        isBodyRequired: Bool = true,
        takesYAML: Bool = false,
        statuses: [Int],
        _ write: @escaping @Sendable (Call, Transaction, inout Effects) throws -> Reply
    ) -> Endpoint {
        Endpoint(
            method,
            "/prompts/{name}/\(verb)",
            .write,
            summary,
            body: body,
            isBodyRequired: isBodyRequired,
            reply: "PromptItem",
            statuses: statuses,
            takesYAML: takesYAML,
            .write { call, transaction, effects in
                try call.checkIfMatch(.prompts, transaction.reading)
                return try write(call, transaction, &effects)
            }
        )
    }

    @Sendable private func listOutlines(_ call: Call, _ reading: Reading) throws -> Reply {
        let limit = try call.pageSize()
        let outlines = try reading.outlines(
            of: .prompts,
            counting: "versions",
            showing: "labels",
            after: call.query["after"],
            limit: limit + 1
        )
        return try .page(outlines, limit: limit, cursor: \.name) { outline in
            .object([
                "name": .string(outline.name), "revision": .number(outline.revision),
                "state": .string(outline.state.rawValue), "author": .string(outline.author),
                "created": .string(outline.created.rfc3339), "versionCount": .number(outline.count),
                "labelsInForce": try outline.shown.map { try JSON.parse(Array($0.utf8)) } ?? [:],
                "proposal": try reading.openProposal(for: .prompts, outline.name).map { .string($0.id.text) } ?? .null,
            ])
        }
    }

    @Sendable private func listVersions(_ call: Call, _ reading: Reading) throws -> Reply {
        let (limit, before) = (try call.pageSize(), try call.afterNumber())
        let history = try PromptHistory(call.parameter("name"), in: reading)
        let births = try PromptHistory.births(of: history.name, in: reading)
        let numbers = history.latest.versions.indices.reversed().map { $0 + 1 }.filter { $0 < before ?? .max }
        let rows = Array(numbers.prefix(limit + 1))
        return .page(rows, limit: limit, cursor: { String($0) }, json: { history.json(of: $0, born: births) })
    }

    @Sendable private func showVersion(_ call: Call, _ reading: Reading) throws -> Reply {
        let history = try PromptHistory(call.parameter("name"), in: reading)
        let number = try history.number(call.parameter("number"))
        return Reply(200, history.json(of: number, born: try PromptHistory.births(of: history.name, in: reading)))
    }

    @Sendable private func compare(_ call: Call, _ reading: Reading) throws -> Reply {
        let history = try PromptHistory(call.parameter("name"), in: reading)
        let newest = history.latest.versions.count
        let to = try call.integer("to", in: 1...newest, default: newest)
        let from = try call.integer("from", in: 1...newest, default: max(1, to - 1))
        return Reply(200, history.difference(from: from, to: to))
    }

    @Sendable private func addVersion(
        _ call: Call,
        _ transaction: Transaction,
        _ effects: inout Effects
    ) throws -> Reply {
        var form = Form(call.bodyOrEmpty, ignoring: PromptHistory.serverFields)
        let version = form.isGood ? PromptVersion(&form) : nil
        guard let version, form.isGood else { throw Refusal(problems: form.problems) }
        let name = call.parameter("name")
        guard let latest = try transaction.reading.latest(.prompts, name), latest.state != .archived else {
            return try self.makePrompt(name, of: version, call, transaction, &effects)
        }
        let history = try PromptHistory(name, in: transaction.reading)
        let address = "/v1/prompts/\(PercentEncoding.encode(history.name))/versions/"
        if let index = history.latest.versions.firstIndex(where: { $0.digest == version.digest }) {
            let json = try self.json(of: .prompts, history.name, transaction.reading)
            return Reply(200, json, headers: ["Location": "\(address)\(index + 1)"])
        }
        let grown = history.base.adding(version)
        if let flaw = grown.flaw { throw Refusal(problems: [FieldProblem(at: "", flaw)]) }
        let reply = try self.put(grown, expecting: try call.seenOrPresent(), call, transaction, &effects)
        let location = ["Location": "\(address)\(grown.versions.count)"]
        return Reply(
            reply.status == 200 ? 201 : reply.status,
            reply.body,
            headers: reply.headers.merging(location) { _, new in new }
        )
    }

    private func makePrompt(
        _ name: String,
        of version: PromptVersion,
        _ call: Call,
        _ transaction: Transaction,
        _ effects: inout Effects
    ) throws -> Reply {
        let prompt: Prompt
        if let archived = try transaction.reading.latest(.prompts, name) {
            // Its versions are history, which goes on; what its labels stood for has ended.
            prompt = try Prompt.read(archived).with(labels: [:]).adding(version)
            if let flaw = prompt.flaw { throw Refusal(problems: [FieldProblem(at: "", flaw)]) }
        } else {
            prompt = try Prompt.read(.object(["name": .string(name), "versions": .array([version.json])]))
        }
        let reply = try self.put(prompt, expecting: .absent, call, transaction, &effects)
        let address = "/v1/prompts/\(PercentEncoding.encode(name))/versions/\(prompt.versions.count)"
        let location = ["Location": address]
        return Reply(reply.status, reply.body, headers: reply.headers.merging(location) { _, new in new })
    }

    @Sendable private func moveLabel(
        _ call: Call,
        _ transaction: Transaction,
        _ effects: inout Effects
    ) throws -> Reply {
        let label = try Self.label(call)
        let history = try PromptHistory(call.parameter("name"), in: transaction.reading)
        let target = try Self.target(call.bodyOrEmpty, in: history)
        return try self.put(
            history.base.setting(label, to: target),
            expecting: try call.seenOrPresent(),
            call,
            transaction,
            &effects
        )
    }

    @Sendable private func removeLabel(
        _ call: Call,
        _ transaction: Transaction,
        _ effects: inout Effects
    ) throws -> Reply {
        let label = try Self.label(call)
        let history = try PromptHistory(call.parameter("name"), in: transaction.reading)
        guard history.base.labels[label] != nil else {
            throw Problem.notFound("label \(label) of the prompt \(history.name)")
        }
        return try self.put(
            history.base.setting(label, to: nil),
            expecting: try call.seenOrPresent(),
            call,
            transaction,
            &effects
        )
    }

    /// `{"version": 2}`, or weights and by whom they are kept.
    private static func target(_ body: JSON, in history: PromptHistory) throws -> LabelTarget {
        var form = Form(body)
        let target: LabelTarget?
        if form.value("version") != nil {
            let version = form.integer("version", in: 1...Int64(Prompt.versionsMax))
            target = version.map { LabelTarget(version: UInt32(clamping: $0)) }
        } else {
            target = LabelTarget(&form)
        }
        form.finish()
        guard let target, form.isGood else { throw Refusal(problems: form.problems) }
        if let missing = target.shares.first(where: { history.latest.version($0.version) == nil }) {
            let detail = "the prompt \(history.name) has no version \(missing.version)"
            throw Refusal(problems: [FieldProblem(at: body["version"] == nil ? "/weights" : "/version", detail)])
        }
        return target
    }

    private static func label(_ call: Call) throws -> Name<PromptLabel> {
        guard let label = Name<PromptLabel>(call.parameter("label")) else {
            throw Problem.notFound("label \(call.parameter("label"))")
        }
        return label
    }

    @Sendable private func rollBack(
        _ call: Call,
        _ transaction: Transaction,
        _ effects: inout Effects
    ) throws -> Reply {
        var form = Form(call.bodyOrEmpty)
        let label: Name<PromptLabel>? = form.value("label") == nil ? Name(PromptWish.labelUsual) : form.name("label")
        form.finish()
        guard let label, form.isGood else { throw Refusal(problems: form.problems) }
        let history = try PromptHistory(call.parameter("name"), in: transaction.reading)
        guard let before = try history.target(before: label, in: transaction.reading) else {
            throw Problem.conflict("the label \(label) has stood for nothing else before")
        }
        return try self.put(
            history.base.setting(label, to: before),
            expecting: try call.seenOrPresent(),
            call,
            transaction,
            &effects
        )
    }

    @Sendable private func render(_ call: Call, _ reading: Reading) throws -> Reply {
        let history = try PromptHistory(call.parameter("name"), in: reading)
        var form = Form(call.bodyOrEmpty)
        let label = form.textIfPresent("label") ?? PromptWish.labelUsual
        var reference = PromptWish.Reference.label(label)
        if form.value("version") != nil {
            if form.value("label") != nil { form.add("version", "name a version or a label, not both") }
            let version = form.integer("version", in: 1...Int64(Prompt.versionsMax))
            if let version { reference = .version(UInt32(clamping: version)) }
        }
        let user = form.textIfPresent("user") ?? ""
        let variables = form.jsonValues("variables")
        form.finish()
        guard let variables, form.isGood, let application = ApplicationID("test") else {
            throw Refusal(problems: form.problems)
        }
        let wish = PromptWish(name: history.name, reference: reference, variables: variables)
        do {
            return Reply(200, try history.base.rendered(for: wish, user: user, application: application).json)
        } catch {
            throw Refusal(problems: [FieldProblem(at: Self.pointer(to: error.parameter ?? ""), error.message)])
        }
    }
}

extension AdminAPI {
    /// `prompt.variables.who`, as a node says it, is `/variables/who` of this body.
    fileprivate static func pointer(to parameter: String) -> String {
        let names = parameter.split(separator: ".").drop { $0 == "prompt" }
        return names.reduce("") { Form.place(String($1), in: $0) }
    }
}

extension RenderedPrompt {
    fileprivate var json: JSON {
        .object([
            "version": .number(self.choice.number),
            "messages": .array(
                self.messages.map { .object(["role": .string($0.role.rawValue), "content": .string($0.content)]) }
            ),
            "parameters": .object(
                self.parameters.reduce(into: [:]) { values, entry in values[entry.key.rawValue] = JSON(entry.value) }
            ),
        ])
    }
}
