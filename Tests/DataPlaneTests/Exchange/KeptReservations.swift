import Domain
import Synchronization

/// A purse that holds whatever it is told, up to what it may, and remembers.
final class KeptReservations: ReservationKeeper {
    struct Settled: Hashable {
        let held: Money
        let cost: Money
    }

    private struct State {
        var settled: [Settled] = []
        var dropped = 0
        /// How often a hold may grow.
        var extensions = 0
    }

    private let state = Mutex(State())

    var settled: [Settled] { self.state.withLock(\.settled) }
    var dropped: Int { self.state.withLock(\.dropped) }

    func allow(extensions: Int) { self.state.withLock { $0.extensions = extensions } }

    func settle(_ hold: Purse.Hold, cost: Money) {
        let held = hold.parts.map(\.amount).max() ?? .zero
        self.state.withLock { $0.settled.append(Settled(held: held, cost: cost)) }
    }

    func extend(_ hold: inout Purse.Hold, by amount: Money, of budgets: Set<Name<Budget>>) -> Bool {
        let isAllowed = self.state.withLock { state in
            state.extensions -= 1
            return state.extensions >= 0
        }
        guard isAllowed else { return false }
        let parts = hold.parts.map { part in
            guard budgets.contains(part.account.budget) else { return part }
            return Purse.Hold.Part(
                account: part.account,
                lease: part.lease,
                amount: part.amount.clampedSum(with: amount)
            )
        }
        hold = Purse.Hold(parts: parts)
        return true
    }

    func dropped(_ hold: Purse.Hold) { self.state.withLock { $0.dropped += 1 } }
}
