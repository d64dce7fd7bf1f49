/// How far a boot's stream has been taken in. The rule that makes every resend harmless: what is at or below the
/// watermark is dropped, what leaves a gap is sent back, what follows on is taken once.
package struct StreamIntake: Hashable, Sendable {
    /// Every sequence number up to here is committed or declared lost.
    package private(set) var watermark: UInt64
    /// Running digest of the stream's records up to the watermark: 32 zero bytes at its beginning, empty (unknown)
    /// after a lost range.
    package private(set) var chain: [UInt8]
    package private(set) var isClosed: Bool
    /// Two writers were found: nothing more is taken.
    package private(set) var isFenced: Bool

    package init(
        watermark: UInt64 = 0,
        chain: [UInt8] = Array(repeating: 0, count: Digest.byteCount),
        isClosed: Bool = false,
        isFenced: Bool = false
    ) {
        self.watermark = watermark
        self.chain = chain
        self.isClosed = isClosed
        self.isFenced = isFenced
    }

    /// A record as far as this rule looks into it.
    package struct Arrival: Hashable, Sendable {
        package let sequence: UInt64
        /// The last sequence number that this record accounts for: its own, or the end of the range it declares lost.
        package let through: UInt64
        package let isClose: Bool
        /// Declares a range lost. Nobody can hash what is gone: the digest starts again with the batch after it.
        package let isLoss: Bool
        /// The running digest up to and with this record, by the sender's own account of what came before.
        package let chain: [UInt8]

        package init(
            sequence: UInt64,
            through: UInt64,
            isClose: Bool = false,
            isLoss: Bool = false,
            chain: [UInt8]
        ) {
            self.sequence = sequence
            self.through = through
            self.isClose = isClose
            self.isLoss = isLoss
            self.chain = chain
        }
    }

    package enum Action: Hashable, Sendable {
        /// Take the records from this index of the batch on; the rest is known already.
        case take(from: Int)
        /// Send again from here.
        case rewind(expected: UInt64)
        /// Another history under the same name: never take from this boot again.
        case fence
    }

    /// `batch` is in ascending, dense order; `chainBefore` is the running digest before it, by the sender's account. A
    /// sender under another name than the stream's has to know what came before: it may neither go on after a gap nor make
    /// one.
    package mutating func offer(_ batch: [Arrival], chainBefore: [UInt8], isOwn: Bool = true) -> Action {
        guard !self.isFenced else { return .fence }
        let expected = self.watermark + 1
        guard let first = batch.first else { return .take(from: 0) }
        guard first.sequence <= expected else { return .rewind(expected: expected) }
        guard let fresh = batch.firstIndex(where: { $0.through >= expected }) else { return .take(from: batch.count) }
        // The digest that the sender has for the records up to our watermark.
        let theirs = fresh == 0 ? chainBefore : batch[fresh - 1].chain
        let isBelieved = isOwn && (self.chain.isEmpty || batch[fresh].isLoss)
        guard isBelieved || theirs == self.chain && !self.chain.isEmpty else {
            self.isFenced = true
            return .fence
        }
        if let last = batch.last {
            self.watermark = last.through
            self.chain = last.isLoss ? [] : last.chain
            self.isClosed = self.isClosed || batch[fresh...].contains(where: \.isClose)
        }
        return .take(from: fresh)
    }
}
