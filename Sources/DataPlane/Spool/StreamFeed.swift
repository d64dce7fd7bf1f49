import Domain
import Wire

/// Cuts a stream on disk into batches. Remembers where the last one ended, so that going on costs one read.
struct StreamFeed {
    private let folder: SpoolFolder
    private let disk: any SpoolDisk
    private var cursor: StreamCursor?
    /// Read but too much for the batch before.
    private var held: StreamCursor.Item?

    init(_ folder: SpoolFolder, on disk: any SpoolDisk) {
        self.folder = folder
        self.disk = disk
    }

    struct Cut: Hashable, Sendable {
        let batch: UsageBatch
        let through: UInt64
        /// Numbers that turned out to be unreadable: declared by this batch.
        let lost: LostRange?
    }

    /// Records from `first` on, at most through `limit`, as many as one batch may hold.
    mutating func cut(from first: UInt64, through limit: UInt64) throws(DiskFault) -> Cut {
        try self.seek(first)
        var records: [UsageBatch.Record] = []
        var byteCount = UsageBatch.overheadMax
        var chain: UsageChain?
        while records.count < UsageBatch.recordsMax, let item = try self.item(through: limit) {
            guard case .frame(let frame) = item, frame.kind != .lost else {
                guard records.isEmpty else { break }
                self.held = nil
                return self.lost(item)
            }
            let record = UsageBatch.Record(sequence: frame.first, bytes: frame.content)
            byteCount += record.encodedSizeMax
            guard byteCount <= UsageBatch.sizeMax else { break }
            self.held = nil
            chain = chain ?? frame.chain
            records.append(record)
        }
        guard let last = records.last?.sequence else {
            return self.lost(.gap(LostRange(first: first, last: limit) ?? self.only(first)))
        }
        return Cut(batch: UsageBatch(boot: self.folder.boot, records: records, chain: chain), through: last, lost: nil)
    }

    private mutating func seek(_ first: UInt64) throws(DiskFault) {
        let position: UInt64? =
            switch self.held {
            case .frame(let frame): frame.first
            case .gap(let range): range.first
            case nil: self.cursor?.expected
            }
        guard position != first else { return }
        self.held = nil
        self.cursor = try StreamCursor(self.folder.path, on: self.disk, from: first)
    }

    private mutating func item(through limit: UInt64) throws(DiskFault) -> StreamCursor.Item? {
        if let held = self.held { return held }
        self.held = try self.cursor?.next(through: limit)
        guard self.held == nil, let expected = self.cursor?.expected, expected <= limit else { return self.held }
        // The segments that a cursor knows are those of its making.
        if try self.cursor?.lookAgain() != true {
            self.cursor = try StreamCursor(self.folder.path, on: self.disk, from: expected)
        }
        self.held = try self.cursor?.next(through: limit)
        return self.held
    }

    private func lost(_ item: StreamCursor.Item) -> Cut {
        let range: LostRange =
            switch item {
            case .gap(let range): range
            case .frame(let frame): LostRange(first: frame.first, last: frame.last) ?? self.only(frame.first)
            }
        let record = UsageBatch.Record(sequence: range.first, bytes: UsageCodec.encode(.lost(range)))
        return Cut(
            batch: UsageBatch(boot: self.folder.boot, records: [record], chain: nil),
            through: range.last,
            lost: range
        )
    }

    private func only(_ sequence: UInt64) -> LostRange {
        guard let range = LostRange(first: max(1, sequence), last: max(1, sequence)) else {
            preconditionFailure("a number of 1 or more is a range")
        }
        return range
    }
}
