import Domain

/// A part of a boot's stream on its way.
struct UsageBatch {
    struct Record {
        enum Content {
            case event(Money, [Purse.Hold.Part])
            case closed(machineWentDown: Bool)
        }

        let number: UInt64
        let content: Content

        var isClose: Bool {
            guard case .closed = self.content else { return false }
            return true
        }
    }

    let boot: Int
    let records: [Record]

    var arrivals: [StreamIntake.Arrival] {
        self.records.map {
            StreamIntake.Arrival(
                sequence: $0.number,
                through: $0.number,
                isClose: $0.isClose,
                chain: self.chain(through: $0.number)
            )
        }
    }

    var chainBefore: [UInt8] { self.chain(through: (self.records.first?.number ?? 1) - 1) }

    /// Stands for a running digest: what matters is that it is the same where the history is.
    private func chain(through number: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Digest.byteCount)
        guard number > 0 else { return bytes }
        for index in 0..<8 {
            bytes[index] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(index)))
            bytes[index + 8] = UInt8(truncatingIfNeeded: self.boot >> (8 * index))
        }
        return bytes
    }
}

/// What a node has on its disk of one boot.
struct UsageStream {
    /// After so long a record is on the disk, and not only in the kernel.
    static let syncMilliseconds: Int64 = 100

    let boot: Int
    private(set) var records: [UsageBatch.Record] = []
    /// When each record was written, and so when it is safe from a power cut.
    private var written: [Int64] = []
    private(set) var acked = 0

    init(boot: Int) { self.boot = boot }

    var isClosed: Bool { self.records.last?.isClose == true }

    mutating func append(_ content: UsageBatch.Record.Content, at now: Int64) {
        self.records.append(UsageBatch.Record(number: UInt64(self.records.count) + 1, content: content))
        self.written.append(now)
    }

    /// What is on the disk and not known to be taken in.
    func batch(at now: Int64, countMax: Int) -> UsageBatch? {
        var end = self.acked
        while end < min(self.records.count, self.acked + countMax),
            self.isClosed || self.written[end] + Self.syncMilliseconds <= now
        {
            end += 1
        }
        guard end > self.acked else { return nil }
        return UsageBatch(boot: self.boot, records: Array(self.records[self.acked..<end]))
    }

    mutating func acknowledge(through number: UInt64) { self.acked = max(self.acked, Int(number)) }

    /// The control plane wants it again from there.
    mutating func rewind(to expected: UInt64) { self.acked = Int(expected) - 1 }

    /// Offers the last record that was taken in once more: a control plane that was restored then says what it lacks.
    mutating func offerAgain() { self.acked = max(self.acked - 1, 0) }

    /// A power cut: of what was not on the disk yet a part may be, and the record after it is half written and worth nothing.
    mutating func tear(at now: Int64, _ chance: inout Chance) {
        var kept = self.written.count
        while kept > 0, self.written[kept - 1] + Self.syncMilliseconds > now { kept -= 1 }
        kept += Int(chance.any(below: Int64(self.written.count - kept) + 1))
        self.records.removeSubrange(kept...)
        self.written.removeSubrange(kept...)
    }
}
