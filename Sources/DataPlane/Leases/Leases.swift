package import Domain
import Platform
import Synchronization

/// The purse of this node's boot, which all event loops hold from. One lock, held for sums: no call ever waits for the
/// control plane here. Who must wait is told later, from wherever the answer came.
package final class Leases: ReservationKeeper {
    /// So long an attempt waits for money that this node has not.
    package static let patienceMilliseconds: Int64 = 2_000

    private struct State {
        var purse = Purse()
        var lastTicket: UInt64 = 0
        var waiting: [UInt64: @Sendable (UInt64, Purse.Answer) -> Void] = [:]
    }

    private let state = Mutex(State())
    private let bell: Bell
    private let steady: @Sendable () -> Int64
    private let wall: @Sendable () -> Timestamp
    private let droppedCount = Atomic<UInt64>(0)

    package static let start = ContinuousClock.now

    /// `steady` is in milliseconds of a clock that counts suspension: a lease ends also while the machine sleeps. `bell` rings
    /// when the control plane is to be asked at once.
    package init(
        bell: Bell,
        steady: @escaping @Sendable () -> Int64 = { Leases.start.duration(to: .now).milliseconds },
        wall: @escaping @Sendable () -> Timestamp = { Timestamp(unixMilliseconds: WallClock.unixMilliseconds()) }
    ) {
        self.bell = bell
        self.steady = steady
        self.wall = wall
    }

    /// Reservations that were let go of without an end: faults of this program.
    package var dropped: UInt64 { self.droppedCount.load(ordering: .relaxed) }

    package var waitingCount: Int { self.state.withLock { $0.waiting.count } }

    // MARK: - Attempts

    func hold(_ claims: [Purse.Claim], admitted: Timestamp) -> Purse.Answer {
        let now = self.steady()
        let (answer, isPressing) = self.state.withLock { state in
            let answer = state.purse.hold(claims, admitted: admitted, at: now)
            return (answer, state.purse.isPressing)
        }
        if isPressing { self.bell.ring() }
        return answer
    }

    /// Puts an attempt into the line. `served` is called once, from any thread, unless it leaves before. Nil where the line
    /// is as long as it may be.
    func wait(
        for claims: [Purse.Claim],
        admitted: Timestamp,
        _ served: @escaping @Sendable (UInt64, Purse.Answer) -> Void
    ) -> UInt64? {
        let end = self.steady() + Self.patienceMilliseconds
        let ticket = self.state.withLock { state -> UInt64? in
            state.lastTicket += 1
            let ticket = state.lastTicket
            guard state.purse.wait(ticket, for: claims, admitted: admitted, until: end) else { return nil }
            state.waiting[ticket] = served
            return ticket
        }
        self.bell.ring()
        return ticket
    }

    func leave(_ ticket: UInt64) {
        self.state.withLock { state in
            state.purse.leave(ticket)
            state.waiting[ticket] = nil
        }
        // Whoever stood behind it may need nothing but what is here.
        self.serve()
    }

    /// Tells those who need not wait any longer.
    package func serve() {
        let now = self.steady()
        let served = self.state.withLock { state in
            state.purse.serve(at: now).compactMap { place in
                state.waiting.removeValue(forKey: place.ticket).map {
                    (tell: $0, ticket: place.ticket, answer: place.answer)
                }
            }
        }
        for (tell, ticket, answer) in served { tell(ticket, answer) }
    }

    package func settle(_ hold: Purse.Hold, cost: Money) {
        let isWaitedFor = self.state.withLock { state in
            state.purse.settle(hold, cost: cost)
            return state.purse.isWaitedFor
        }
        if isWaitedFor { self.serve() }
    }

    package func extend(_ hold: inout Purse.Hold, by amount: Money, of budgets: Set<Name<Budget>>) -> Bool {
        let now = self.steady()
        let (grown, isPressing) = self.state.withLock { [hold] state in
            var grown = hold
            let isHeld = state.purse.extend(&grown, by: amount, of: budgets, at: now)
            return (isHeld ? grown : nil, state.purse.isPressing)
        }
        if isPressing { self.bell.ring() }
        guard let grown else { return false }
        hold = grown
        return true
    }

    package func dropped(_ hold: Purse.Hold) {
        self.droppedCount.wrappingAdd(1, ordering: .relaxed)
        self.settle(hold, cost: hold.parts.map(\.amount).max() ?? .zero)
    }

    // MARK: - The control plane

    /// What to say now, and when that is; nil where there is nothing.
    func call() -> (call: LeaseCall, sent: Int64)? {
        let (now, wall) = (self.steady(), self.wall())
        let call = self.state.withLock { $0.purse.call(wall: wall, at: now) }
        return call.asks.isEmpty ? nil : (call, now)
    }

    func hear(_ grants: [LeaseGrant], sent: Int64) {
        self.state.withLock { state in
            for grant in grants { state.purse.hear(grant, sent: sent) }
        }
        self.serve()
    }

    /// All leases are gone: the node is banned.
    package func forget() { self.state.withLock { $0.purse = Purse() } }
}
