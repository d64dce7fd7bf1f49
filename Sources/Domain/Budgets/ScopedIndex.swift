/// What is about some attempts and not about others: a budget or a limit.
package protocol Scoped: Nameable, Hashable, Sendable {
    var name: Name<Self> { get }
    var scope: Scope { get }
}

extension Budget: Scoped {}
extension Limit: Scoped {}

/// All budgets, or all limits, of a snapshot, so that finding those of one attempt does not look at those of all other
/// teams and keys.
package struct ScopedIndex<Item: Scoped>: Hashable, Sendable {
    /// So many of the longest fit into a section.
    package static var itemsMax: Int { 4_096 }

    private let ofAll: [Item]
    private let byTeam: [Name<Team>: [Item]]
    private let byApplication: [ApplicationID: [Item]]

    package init(_ items: [Item]) {
        var ofAll: [Item] = []
        var byTeam: [Name<Team>: [Item]] = [:]
        var byApplication: [ApplicationID: [Item]] = [:]
        for item in items.sorted(by: { $0.name < $1.name }) {
            if let application = item.scope.application {
                byApplication[application, default: []].append(item)
            } else if let team = item.scope.team {
                byTeam[team, default: []].append(item)
            } else {
                ofAll.append(item)
            }
        }
        (self.ofAll, self.byTeam, self.byApplication) = (ofAll, byTeam, byApplication)
    }

    package var isEmpty: Bool { self.ofAll.isEmpty && self.byTeam.isEmpty && self.byApplication.isEmpty }

    /// All that are about the attempt, always in the same order.
    package func matching(_ attempt: ChargedAttempt) -> [Item] {
        guard !self.isEmpty else { return [] }
        let ofTeam = self.byTeam[attempt.caller.team] ?? []
        let ofApplication = self.byApplication[attempt.caller.application] ?? []
        return (self.ofAll + ofTeam + ofApplication).filter { $0.scope.matches(attempt) }
    }
}
