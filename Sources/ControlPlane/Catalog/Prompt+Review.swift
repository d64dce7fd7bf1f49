package import Domain
package import Storage

/// What an approver must know of a prompt: which texts a label's move would bring to callers, and who wrote them.
extension Prompt {
    package func news(in reading: Reading) throws -> News {
        let inForce = try reading.item(.prompts, self.title)?.inForce.map { try Prompt.read($0) }
        let arrivals = self.arrivals(since: inForce?.labels ?? [:])
        let births = try PromptHistory.births(of: self.title, in: reading)
        return News(
            authors: Set(arrivals.compactMap { births[$0.version]?.author }),
            texts: arrivals.map { self.json(of: $0) }
        )
    }

    /// A version that a label would stand for more often, beside the one that it would stand for less often by most.
    private struct Arrival {
        let label: Name<PromptLabel>
        let from: UInt32?
        let version: UInt32
    }

    private func arrivals(since before: [Name<PromptLabel>: LabelTarget]) -> [Arrival] {
        self.labels.sorted { $0.key < $1.key }.flatMap { label, target in
            let loser = before[label]?.shares.min { Self.gain($0.version, $1.version, before[label], target) }?.version
            return target.shares.map(\.version).filter { version in
                target.part(of: version) > before[label]?.part(of: version) ?? 0
            }
            .map { Arrival(label: label, from: loser == $0 ? nil : loser, version: $0) }
        }
    }

    /// Whether the first version loses more of the label than the second.
    private static func gain(_ a: UInt32, _ b: UInt32, _ before: LabelTarget?, _ after: LabelTarget) -> Bool {
        func gained(_ version: UInt32) -> Double { after.part(of: version) - (before?.part(of: version) ?? 0) }
        return (gained(a), a) < (gained(b), b)
    }

    private func json(of arrival: Arrival) -> JSON {
        let (before, after) = (arrival.from.flatMap(self.version), self.version(arrival.version))
        let lines = LineDifference.between(before?.lines ?? [], after?.lines ?? [])
        return .object([
            "label": .string(arrival.label.text), "from": arrival.from.map { .number($0) } ?? .null,
            "to": .number(arrival.version), "lines": .array(lines.map { .string($0.text) }),
        ])
    }
}

extension LabelTarget {
    /// Of all callers, those who are given this version; 0 to 1.
    fileprivate func part(of version: UInt32) -> Double {
        let total = self.shares.reduce(0) { $0 + Double($1.weight) }
        let own = self.shares.first { $0.version == version }.map { Double($0.weight) } ?? 0
        return total > 0 ? own / total : 0
    }
}
