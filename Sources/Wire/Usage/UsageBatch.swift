package import Domain
import FoundationEssentials
import Schemas

/// A piece of one boot's stream: dense, ascending, with the digest of all that came before.
package struct UsageBatch: Hashable, Sendable {
    package static let recordsMax = 500
    package static let sizeMax = 256 << 10

    package let boot: ID<Boot>
    package let records: [Record]
    /// Of the stream before `records`; nil only where the one record is a lost range: nobody can hash what is gone.
    package let chain: UsageChain?

    package struct Record: Hashable, Sendable {
        package let sequence: UInt64
        /// As spooled; `UsageCodec.decode` reads it.
        package let bytes: [UInt8]

        package init(sequence: UInt64, bytes: [UInt8]) {
            self.sequence = sequence
            self.bytes = bytes
        }

        package var record: UsageRecord {
            UsageRecord(sequence: self.sequence, content: UsageCodec.decode(self.bytes))
        }

        package var isLostRange: Bool {
            if case .lost = self.record.content { true } else { false }
        }

        /// What it adds to a batch's size at most.
        package var encodedSizeMax: Int { self.bytes.count + 24 }
    }

    /// What a batch weighs before its first record.
    package static let overheadMax = 128

    package init(boot: ID<Boot>, records: [Record], chain: UsageChain?) {
        self.boot = boot
        self.records = records
        self.chain = chain
    }

    package func encoded() -> [UInt8] {
        var message = PBUsageBatch()
        message.boot = self.boot.text
        message.chain = Data(self.chain?.digest.bytes ?? [])
        message.records = self.records.map { record in
            var entry = PBUsageRecord()
            entry.seq = record.sequence
            entry.content = Data(record.bytes)
            return entry
        }
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> UsageBatch {
        let message = try PBUsageBatch(strictly: bytes, atMost: Self.sizeMax)
        try Check.count(message.records.count, atMost: Self.recordsMax, "records")
        guard !message.records.isEmpty else { throw WireError(.invalid, "there are no records") }
        var records: [Record] = []
        records.reserveCapacity(message.records.count)
        for entry in message.records {
            let sequence = try Check.number(entry.seq, "seq")
            if let last = records.last, last.sequence + 1 != sequence {
                throw WireError(.invalid, "record \(sequence) follows record \(last.sequence)")
            }
            records.append(Record(sequence: sequence, bytes: Array(entry.content)))
        }
        let chain = try Check.digestOrEmpty(message.chain, "chain").map(UsageChain.init)
        guard chain != nil || records.allSatisfy(\.isLostRange) && records.count == 1 else {
            throw WireError(.invalid, "there is no chain, which only a lost range that stands alone may do without")
        }
        return UsageBatch(boot: try Check.id(message.boot, "boot"), records: records, chain: chain)
    }
}

/// The running SHA-256 of a stream: H(0) is 32 zero bytes, H(n) = SHA-256(H(n-1) ‖ record n's bytes).
package struct UsageChain: Hashable, Sendable {
    package private(set) var digest: Digest

    package init(_ digest: Digest) { self.digest = digest }

    /// Before the first record.
    package static var start: UsageChain {
        guard let zero = Digest([UInt8](repeating: 0, count: Digest.byteCount)) else {
            preconditionFailure("a digest has 32 bytes")
        }
        return UsageChain(zero)
    }

    package mutating func append(_ content: [UInt8]) { self.digest = Digest.sha256(of: self.digest.bytes + content) }

    package func appending(_ records: [UsageBatch.Record]) -> UsageChain {
        var chain = self
        for record in records { chain.append(record.bytes) }
        return chain
    }
}

/// 200: everything up to here is committed.
package struct UsageAck: Hashable, Sendable {
    package static let sizeMax = 4 << 10

    package let ackedThrough: UInt64

    package init(ackedThrough: UInt64) { self.ackedThrough = ackedThrough }

    package func encoded() -> [UInt8] {
        var message = PBUsageAck()
        message.ackedThrough = self.ackedThrough
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> UsageAck {
        let message = try PBUsageAck(strictly: bytes, atMost: Self.sizeMax)
        return UsageAck(ackedThrough: try Check.numberOrZero(message.ackedThrough, "acked_through"))
    }
}

/// 409: send again from here; with `isFenced`, this boot is not to send any more.
package struct UsageRewind: Hashable, Sendable {
    package static let sizeMax = 4 << 10

    package let expectedSequence: UInt64
    package let isFenced: Bool

    package init(expectedSequence: UInt64, isFenced: Bool = false) {
        self.expectedSequence = expectedSequence
        self.isFenced = isFenced
    }

    package func encoded() -> [UInt8] {
        var message = PBUsageRewind()
        message.expectedSeq = self.expectedSequence
        message.fenced = self.isFenced
        return message.deterministicBytes
    }

    package static func decode(_ bytes: [UInt8]) throws(WireError) -> UsageRewind {
        let message = try PBUsageRewind(strictly: bytes, atMost: Self.sizeMax)
        return UsageRewind(
            expectedSequence: try Check.number(message.expectedSeq, "expected_seq"),
            isFenced: message.fenced
        )
    }
}
