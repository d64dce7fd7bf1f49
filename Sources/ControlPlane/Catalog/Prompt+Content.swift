package import Domain
package import Storage
import Wire

/// A prompt is written as a whole, and grows: its versions are never changed and never taken away.
extension Prompt: CatalogContent {
    package static var kind: Kind { .prompts }
    package var title: String { self.name.text }

    package init?(_ form: inout Form) {
        let name: Name<Prompt>? = form.name("name")
        let versions = form.objects("versions", isRequired: true, PromptVersion.init)
        let labels = form.members("labels", countMax: Prompt.labelsMax) { LabelTarget.read(under: $0, $1, at: $2) }
        let isProtectedUsual = form.value("protected") == nil
        let named: [Name<PromptLabel>]? = form.names("protected", countMax: Prompt.labelsMax)
        let allowsSystem = form.flag("allowSystem", default: false)
        guard let name, let versions, let labels, let named, form.isGood else { return nil }
        let prompt = Prompt(
            name: name,
            versions: versions,
            labels: labels.reduce(into: [:]) { targets, entry in
                if let label = Name<PromptLabel>(entry.key) { targets[label] = entry.value }
            },
            protectedLabels: isProtectedUsual ? Prompt.protectedUsually : named.sorted(),
            allowsSystem: allowsSystem
        )
        if let flaw = prompt.flaw { form.add("versions", flaw) }
        if name.text.hasPrefix("pmpt_") { form.add("name", "must not begin with pmpt_: providers' own prompts do") }
        guard form.isGood else { return nil }
        self = prompt
    }

    package var json: JSON {
        .object([
            "name": .string(self.name.text),
            "versions": .array(self.versions.map(\.json)),
            "labels": self.labelsJSON,
            "protected": .array(self.protectedLabels.map { .string($0.text) }),
            "allowSystem": .bool(self.allowsSystem),
        ])
    }

    /// What each label stands for.
    var labelsJSON: JSON {
        .object(self.labels.reduce(into: [:]) { members, label in members[label.key.text] = label.value.json })
    }

    package func problems(beside surroundings: Surroundings) throws -> [FieldProblem] {
        // One prompt that nodes refuse would keep every other change from them.
        do {
            let parts = try SectionCodec.encode(SnapshotSections(prompts: [self]))
            _ = try SnapshotContent(try SectionCodec.decode(parts))
        } catch {
            return [FieldProblem(at: "", "nodes would refuse this prompt: \(error)")]
        }
        guard let latest = try surroundings.reading.latest(.prompts, self.title) else { return [] }
        let before = try Prompt.read(latest).versions
        return before.enumerated().compactMap { index, version in
            let place = "/versions/\(index)"
            guard self.versions.indices.contains(index) else {
                return FieldProblem(at: place, "version \(index + 1) is there already: versions are never taken away")
            }
            guard self.versions[index] != version else { return nil }
            return FieldProblem(at: place, "version \(index + 1) never changes: add this as another one, at the end")
        }
    }

    /// It would take its protected labels along without the approval that taking them away needs.
    package var reasonToStay: String? {
        let label = self.protectedLabels.first { self.labels[$0] != nil }
        return label.map { "the label \($0) is protected and in force: take it away first, which needs approval" }
    }

    /// What a protected label means may change only with approval, and so may what protects it. New versions need none:
    /// nobody is given them until a label says so, or asks for them by their number.
    package func needsApproval(after approved: Prompt?, isInForce: Bool) -> Bool {
        // What was agreed to of the prompt itself stays agreed through archiving; what its labels stood for does not.
        let protectedBefore = Set(approved?.protectedLabels ?? Prompt.protectedUsually)
        if !protectedBefore.isSubset(of: self.protectedLabels) { return true }
        if let approved, approved.allowsSystem != self.allowsSystem { return true }
        let labels = isInForce ? approved?.labels : nil
        return self.protectedLabels.contains { self.labels[$0] != labels?[$0] }
    }
}

extension LabelTarget {
    /// `2`, or `{"weights": {"1": 90, "2": 10}, "by": "user"}`.
    static func read(under name: String, _ json: JSON, at place: String) -> Result<LabelTarget, Refusal> {
        guard Name<PromptLabel>(name) != nil else {
            return .failure(Refusal(problems: [FieldProblem(at: place, Form.nameGrammar(segments: 1))]))
        }
        if case .number(let digits) = json, let version = UInt32(digits) {
            return .success(LabelTarget(version: version))
        }
        guard case .object = json else {
            let detail = #"must be a version's number, or an object such as {"weights": {"1": 90, "2": 10}}"#
            return .failure(Refusal(problems: [FieldProblem(at: place, detail)]))
        }
        var form = Form(json, at: place)
        let target = LabelTarget(&form)
        form.finish()
        guard let target, form.isGood else { return .failure(Refusal(problems: form.problems)) }
        return .success(target)
    }

    init?(_ form: inout Form) {
        if form.value("weights") == nil { form.add("weights", "is required") }
        let weights = form.members("weights", countMax: Self.sharesMax) { name, value, place in
            guard UInt32(name) != nil, case .number(let digits) = value, let weight = UInt32(digits),
                (1...Self.weightMax).contains(weight)
            else {
                let detail = "must be a whole number from 1 to \(Self.weightMax), under a version's number"
                return Result<UInt32, Refusal>.failure(Refusal(problems: [FieldProblem(at: place, detail)]))
            }
            return .success(weight)
        }
        let unit: Unit? = form.choice("by", default: .user)
        guard let weights, let unit, form.isGood else { return nil }
        let shares = weights.compactMap { name, weight in UInt32(name).map { Share(version: $0, weight: weight) } }
        guard let target = LabelTarget(shares, unit: unit) else {
            form.add("weights", "must name 1 to \(Self.sharesMax) versions, each once")
            return nil
        }
        self = target
    }

    var json: JSON {
        if let only = self.shares.first, self.shares.count == 1, only.weight == 1, self.unit == .user {
            return .number(only.version)
        }
        let weights = self.shares.map { (String($0.version), JSON.number($0.weight)) }
        return .object([
            "weights": .object(Dictionary(weights) { first, _ in first }), "by": .string(self.unit.rawValue),
        ])
    }
}
