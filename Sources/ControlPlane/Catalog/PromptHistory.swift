import Domain
import Storage

/// One prompt with how it came to be: what is written now, what is in force, and who wrote which version.
struct PromptHistory {
    let name: String
    /// As it was written last: it has every version that ever was.
    let latest: Prompt
    /// What a change begins from: every version, with the labels that are in force. A move of a label that was refused,
    /// or waits to be approved, is not repeated by whoever adds a version.
    let base: Prompt

    /// Fields that a version is shown with and that may come back.
    static let serverFields: Set<String> = ["number", "digest", "author", "created", "labels"]

    init(_ name: String, in reading: Reading) throws {
        let item = try reading.standing(.prompts, name)
        let latest = try Prompt.read(item.latest)
        let inForce = try item.inForce.map { try Prompt.read($0) }
        self.name = name
        self.latest = latest
        self.base = (inForce ?? latest).with(versions: latest.versions)
    }

    func number(_ text: String) throws -> Int {
        guard let number = Int(text), (1...self.latest.versions.count).contains(number) else {
            throw Problem.notFound("version \(text) of the prompt \(self.name)")
        }
        return number
    }

    /// What brought each version.
    static func births(of name: String, in reading: Reading) throws -> [UInt32: Growth] {
        var births: [UInt32: Growth] = [:]
        for growth in try reading.growth(of: "versions", in: .prompts, name) {
            while births.count < growth.count { births[UInt32(births.count + 1)] = growth }
        }
        return births
    }

    func json(of number: Int, born births: [UInt32: Growth]) -> JSON {
        let version = self.latest.versions[number - 1]
        let labels = self.base.labels.filter { $0.value.shares.contains { $0.version == number } }.keys.sorted()
        return version.json.merging([
            "number": .number(number), "digest": .string(version.digest.description),
            "labels": .array(labels.map { .string($0.text) }),
            "author": births[UInt32(number)].map { .string($0.author) } ?? .null,
            "created": births[UInt32(number)].map { .string($0.created.rfc3339) } ?? .null,
        ])
    }

    /// What the label stood for in force before it came to what it stands for now.
    func target(before label: Name<PromptLabel>, in reading: Reading) throws -> LabelTarget? {
        let now = self.base.labels[label]
        for revision in try reading.approvals(of: .prompts, self.name).reversed() {
            if let target = try Prompt.read(revision).labels[label], target != now { return target }
        }
        return nil
    }

    func difference(from old: Int, to new: Int) -> JSON {
        let (before, after) = (self.latest.versions[old - 1], self.latest.versions[new - 1])
        return .object([
            "from": .number(old), "to": .number(new),
            "fields": .array(JSONDifference.between(before.json, after.json).map(\.json)),
            "lines": .array(LineDifference.between(before.lines, after.lines).map(\.text).map(JSON.string)),
        ])
    }
}

extension Prompt {
    /// The same with other versions, or other labels.
    func with(versions: [PromptVersion]? = nil, labels: [Name<PromptLabel>: LabelTarget]? = nil) -> Prompt {
        Prompt(
            name: self.name,
            versions: versions ?? self.versions,
            labels: labels ?? self.labels,
            protectedLabels: self.protectedLabels,
            allowsSystem: self.allowsSystem
        )
    }

    func adding(_ version: PromptVersion) -> Prompt { self.with(versions: self.versions + [version]) }

    func setting(_ label: Name<PromptLabel>, to target: LabelTarget?) -> Prompt {
        var labels = self.labels
        labels[label] = target
        return self.with(labels: labels)
    }
}

extension PromptVersion {
    /// Its texts as people read them.
    var lines: [String] {
        let messages = self.messages.flatMap { ["[\($0.role.rawValue)]"] + $0.content.source.linesOfText }
        let partials = self.partials.sorted { $0.key < $1.key }
            .flatMap { ["[partial \($0.key)]"] + $0.value.source.linesOfText }
        return messages + partials
    }
}

extension String {
    fileprivate var linesOfText: [String] {
        self.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
