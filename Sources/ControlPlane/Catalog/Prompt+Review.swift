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

    /// A version that a label does not stand for yet, beside the one that it stands for most.
    private struct Arrival {
        let label: Name<PromptLabel>
        let from: UInt32?
        let version: UInt32
    }

    private func arrivals(since before: [Name<PromptLabel>: LabelTarget]) -> [Arrival] {
        self.labels.sorted { $0.key < $1.key }.flatMap { label, target in
            let shares = before[label]?.shares ?? []
            let from = shares.max { ($0.weight, $0.version) < ($1.weight, $1.version) }?.version
            return target.shares.map(\.version).filter { version in !shares.contains { $0.version == version } }
                .map { Arrival(label: label, from: from, version: $0) }
        }
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
