package import Domain

/// Sign-ins that were begun at an issuer and are not finished: each for ten minutes and one answer. Of `state` and of the
/// browser's cookie only digests are kept.
///
/// Anybody may begin one. At an address's bound its own oldest goes, so that one stranger pushes out nobody else's; at
/// the bound of all the oldest of all goes. Each is found without a search: flows are numbered as they begin.
package struct PendingFlows: Sendable {
    package static let lifeMilliseconds: Int64 = 10 * 60_000
    package static let flowsMax = 4_096
    /// Many people have one address behind a proxy.
    package static let flowsPerAddressMax = 256

    private struct Entry: Sendable {
        let flow: PendingFlow
        let state: Digest
        let address: String
    }

    private var entries: [Int64: Entry] = [:]
    private var numbers: [Digest: Int64] = [:]
    /// Of each address, the oldest first.
    private var numbersByAddress: [String: [Int64]] = [:]
    private var nextNumber: Int64 = 0
    /// None that is kept has a lower number.
    private var lowestNumber: Int64 = 0

    package init() {}

    package var count: Int { self.entries.count }

    package mutating func add(_ flow: PendingFlow, state: Digest, from address: String) {
        self.remove(state)
        let own = self.numbersByAddress[address] ?? []
        if own.count >= Self.flowsPerAddressMax, let oldest = own.first {
            self.remove(oldest)
        } else if self.entries.count >= Self.flowsMax {
            self.removeOldest()
        }
        self.entries[self.nextNumber] = Entry(flow: flow, state: state, address: address)
        self.numbers[state] = self.nextNumber
        self.numbersByAddress[address, default: []].append(self.nextNumber)
        self.nextNumber += 1
    }

    /// The flow, once: whoever brings its `state` ends it, and has it only from the browser that began it, in time.
    package mutating func take(_ state: Digest, browser: Digest, at now: Timestamp) -> PendingFlow? {
        guard let flow = self.remove(state), flow.browser == browser, !flow.isOver(at: now) else { return nil }
        return flow
    }

    /// Passes each number once in all, however often it is called.
    private mutating func removeOldest() {
        while self.lowestNumber < self.nextNumber, self.remove(self.lowestNumber) == nil { self.lowestNumber += 1 }
    }

    @discardableResult
    private mutating func remove(_ state: Digest) -> PendingFlow? {
        self.numbers[state].flatMap { self.remove($0) }
    }

    @discardableResult
    private mutating func remove(_ number: Int64) -> PendingFlow? {
        guard let entry = self.entries.removeValue(forKey: number) else { return nil }
        self.numbers[entry.state] = nil
        self.numbersByAddress[entry.address]?.removeAll { $0 == number }
        if self.numbersByAddress[entry.address]?.isEmpty == true { self.numbersByAddress[entry.address] = nil }
        return entry.flow
    }
}
