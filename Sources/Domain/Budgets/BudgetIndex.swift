/// All budgets of a snapshot, so that finding those of one attempt does not look at those of all other teams and keys.
package struct BudgetIndex: Hashable, Sendable {
    private let ofAll: [Budget]
    private let byTeam: [Name<Team>: [Budget]]
    private let byApplication: [ApplicationID: [Budget]]

    package init(_ budgets: [Budget]) {
        var ofAll: [Budget] = []
        var byTeam: [Name<Team>: [Budget]] = [:]
        var byApplication: [ApplicationID: [Budget]] = [:]
        for budget in budgets.sorted(by: { $0.name < $1.name }) {
            if let application = budget.scope.application {
                byApplication[application, default: []].append(budget)
            } else if let team = budget.scope.team {
                byTeam[team, default: []].append(budget)
            } else {
                ofAll.append(budget)
            }
        }
        (self.ofAll, self.byTeam, self.byApplication) = (ofAll, byTeam, byApplication)
    }

    package var isEmpty: Bool { self.ofAll.isEmpty && self.byTeam.isEmpty && self.byApplication.isEmpty }

    /// Every budget that the attempt is charged to, always in the same order.
    package func matching(_ attempt: ChargedAttempt) -> [Budget] {
        guard !self.isEmpty else { return [] }
        let ofTeam = self.byTeam[attempt.caller.team] ?? []
        let ofApplication = self.byApplication[attempt.caller.application] ?? []
        return (self.ofAll + ofTeam + ofApplication).filter { $0.scope.matches(attempt) }
    }
}
