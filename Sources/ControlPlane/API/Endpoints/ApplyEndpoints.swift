import Domain
import Storage

extension AdminAPI {
    static let bundleBytesMax = 8 << 20

    var applyEndpoints: [Endpoint] {
        [
            Endpoint(
                .post,
                "/apply",
                .write,
                "Apply a whole bundle, atomically. What needs approval is proposed; the reply says what waits for whom.",
                body: "Bundle",
                reply: "ApplyReport",
                query: ["dryRun"],
                bodyBytesMax: Self.bundleBytesMax,
                takesYAML: true,
                .write { call, transaction, effects in
                    let isDryRun = try call.flag("dryRun")
                    let bundle = try Bundle(call.bodyOrEmpty)
                    let reply = try self.apply(bundle, isDryRun: isDryRun, call, transaction, &effects)
                    if isDryRun { throw DryRun(reply: reply) }
                    return reply
                }
            ),
            Endpoint(
                .get,
                "/export",
                .read,
                "Everything that stands in bundles, as it was written last: applied again, it changes nothing.",
                reply: "Bundle",
                .read { _, reading in Reply(200, try Bundle.written(in: reading)) }
            ),
        ]
    }

    private func apply(
        _ bundle: Bundle,
        isDryRun: Bool,
        _ call: Call,
        _ transaction: Transaction,
        _ effects: inout Effects
    ) throws -> Reply {
        var writer = CatalogWriter(transaction: transaction, call: call, settings: self.settings)
        writer.promised = Set(bundle.entries.map { "\($0.content.kind)/\($0.content.title)" })
        var (changes, waiting, problems): ([JSON], [JSON], [FieldProblem]) = ([], [], [])
        for entry in bundle.entries {
            do {
                let outcome = try writer.put(entry.content, expecting: .anything, proposes: true)
                if outcome.takesEffect {
                    effects.contentChanged = true
                    // In solo mode a bundle brings a stopped model back by itself.
                    effects.denyListChanged = effects.denyListChanged || entry.content.kind == .models
                }
                changes.append(Self.change(outcome, to: entry.content.json, showsProposal: !isDryRun))
                if let proposal = outcome.proposal { waiting.append(Self.waiting(proposal, showsID: !isDryRun)) }
            } catch let refusal as Refusal {
                problems += refusal.problems.map { FieldProblem(at: entry.pointer + $0.pointer, $0.detail) }
            }
        }
        guard problems.isEmpty else { throw Refusal(problems: problems) }
        let body: JSON = .object([
            "dryRun": .bool(isDryRun), "changes": .array(changes), "waiting": .array(waiting),
        ])
        return Reply(200, body)
    }

    private static func change(_ outcome: CatalogWriter.Outcome, to content: JSON, showsProposal: Bool) -> JSON {
        var members: [String: JSON] = [
            "kind": .string(outcome.revision.kind.rawValue), "name": .string(outcome.revision.name),
            "action": .string(outcome.action.rawValue), "state": .string(outcome.revision.state.rawValue),
            "revision": .number(outcome.revision.revision),
            "diff": .array(JSONDifference.between(outcome.before ?? .object([:]), content).map(\.json)),
        ]
        if let overtaken = outcome.overtaken { members["overtaken"] = .string(overtaken.id.text) }
        if showsProposal, let proposal = outcome.proposal { members["proposal"] = .string(proposal.id.text) }
        return .object(members)
    }

    private static func waiting(_ proposal: Proposal, showsID: Bool) -> JSON {
        let needed = proposal.approvalsRequired - proposal.approvals
        let detail = "\(needed) more approval\(needed == 1 ? "" : "s") by somebody other than \(proposal.proposer)"
        var members: [String: JSON] = [
            "kind": .string(proposal.kind.rawValue), "name": .string(proposal.name), "detail": .string(detail),
            "approvalsRequired": .number(proposal.approvalsRequired), "approvals": .number(proposal.approvals),
        ]
        if showsID { members["proposal"] = .string(proposal.id.text) }
        return .object(members)
    }
}

/// A bundle that was read: every entry is well-formed, no name occurs twice in its kind.
struct Bundle {
    struct Entry {
        let pointer: String
        let content: any CatalogContent
    }

    /// In an order in which nothing comes before what it names.
    let entries: [Entry]

    private static let kinds: [Kind] = [
        .teams, .roles, .secrets, .providers, .models, .routes, .prompts, .budgets, .limits,
    ]
    private static let hints = [
        "keys": "keys are made by POST /v1/keys, whose reply alone shows their text",
        "principals": "principals are made by POST /v1/principals",
        "policies": "policies are not supported yet",
    ]

    /// - Throws: `Refusal` with everything that is wrong, in all entries.
    init(_ json: JSON) throws(Refusal) {
        var form = Form(json)
        var entries: [Entry] = []
        for kind in Self.kinds {
            guard let value = form.value(kind.rawValue) else { continue }
            guard case .array(let elements) = value, elements.count <= Form.elementsMax else {
                form.add(kind.rawValue, "must be a list of at most \(Form.elementsMax)")
                continue
            }
            var names: Set<String> = []
            for (index, element) in elements.enumerated() {
                let pointer = "/\(kind.rawValue)/\(index)"
                do {
                    let content = try kind.content.read(element, at: pointer)
                    if !names.insert(content.title).inserted {
                        form.add([FieldProblem(at: pointer, "\(content.title) stands in the list already")])
                    }
                    entries.append(Entry(pointer: pointer, content: content))
                } catch {
                    form.add(error.problems)
                }
            }
        }
        for name in Self.hints.keys where json[name] == .array([]) { _ = form.value(name) }
        form.finish(hints: Self.hints)
        guard form.isGood else { throw Refusal(problems: form.problems) }
        self.entries = entries
    }
}

extension Bundle {
    /// Without keys and principals, which no bundle makes, and without the values of secrets, which nobody reads.
    fileprivate static func written(in reading: Reading) throws -> JSON {
        var members: [String: JSON] = [:]
        for kind in self.kinds {
            let items = try reading.items(of: kind, limit: .max)
            if items.isEmpty { continue }
            members[kind.rawValue] = .array(try items.map { try JSON.parse(Array($0.latest.content.utf8)) })
        }
        return .object(members)
    }
}

extension CatalogContent {
    var kind: Kind { Self.kind }
}
