import Domain
import TestSupport
import Testing
import Wire

@testable import DataPlane

@Suite struct `A stream on disk` {
    private func frames(_ folder: TemporaryFolder, from first: UInt64 = 1) throws -> [StreamCursor.Item] {
        var cursor = try StreamCursor(folder.path, on: PosixDisk(), from: first)
        var items: [StreamCursor.Item] = []
        while let item = try cursor.next(through: .max - 1) { items.append(item) }
        return items
    }

    private func numbers(_ items: [StreamCursor.Item]) -> [ClosedRange<UInt64>] {
        items.map { item in
            switch item {
            case .frame(let frame): frame.first...frame.last
            case .gap(let range): range.first...range.last
            }
        }
    }

    private func written(_ count: Int, in folder: TemporaryFolder, segment: Int = 2_048) throws -> StreamWriter {
        var writer = StreamWriter(folder.path, on: PosixDisk(), segmentByteCount: segment)
        for number in 1...count { writer.append(try .fixture(number)) }
        try writer.write()
        try writer.sync()
        return writer
    }

    @Test func `the checksum is Castagnoli's`() {
        #expect(CRC32C.checksum(of: Array("123456789".utf8)[...]) == 0xE306_9283)
        #expect(CRC32C.checksum(of: [UInt8](repeating: 0, count: 32)[...]) == 0x8A91_36AA)
        #expect(CRC32C.checksum(of: []) == 0)
    }

    @Test func `a frame with any bit flipped is no frame`() throws {
        let content = UsageCodec.encode(.event(try .fixture()))
        let frame = Frame(first: 7, last: 7, kind: .event, chain: .start, content: content)
        let bytes = frame.encode()
        #expect(bytes.count.isMultiple(of: 8))
        #expect(Frame.decode(bytes, at: 0) == frame)
        for bit in 0..<((Frame.headerByteCount + content.count) * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(Frame.decode(flipped, at: 0) == nil, "bit \(bit)")
        }
        for count in 0..<bytes.count { #expect(Frame.decode(Array(bytes[..<count]), at: 0) == nil) }
    }

    @Test func `records come back in order from any number on, over many segments`() throws {
        let folder = try TemporaryFolder()
        let writer = try self.written(50, in: folder)
        #expect(writer.segmentsOpened > 3)
        #expect(writer.durableThrough == 50)
        for first in UInt64(1)...51 {
            #expect(self.numbers(try self.frames(folder, from: first)) == (first..<51).map { $0...$0 })
        }
    }

    @Test func `the chain before each record is kept with it`() throws {
        let folder = try TemporaryFolder()
        _ = try self.written(20, in: folder)
        var chain = UsageChain.start
        for item in try self.frames(folder) {
            guard case .frame(let frame) = item else {
                Issue.record("a gap in a whole stream")
                return
            }
            #expect(frame.chain == chain)
            chain.append(frame.content)
        }
    }

    @Test func `a tail torn at any byte ends at the last whole record, and the stream goes on there`() throws {
        let folder = try TemporaryFolder()
        var writer = try self.written(3, in: folder, segment: 16_384)
        let file = SegmentName(first: 1).file
        let before = try PosixDisk().read(folder.path + "/" + file, at: 0, atMost: 1 << 20)
        writer.append(try .fixture(4))
        try writer.write()
        let after = try PosixDisk().read(folder.path + "/" + file, at: 0, atMost: 1 << 20)
        let start = try #require(zip(before, after).enumerated().first { $1.0 != $1.1 }?.offset)
        let end = try #require(zip(before, after).enumerated().reversed().first { $1.0 != $1.1 }?.offset) + 1
        for cut in start...end {
            let torn = try TemporaryFolder()
            let path = torn.path + "/" + file
            try PosixDisk().create(path, byteCount: before.count)
            try PosixDisk().write(Array(after[..<cut] + before[cut...]), to: path, at: 0)
            let scan = try StreamScan(torn.path, on: PosixDisk(), acked: 0, looking: [])
            #expect(scan.nextSequence == (cut == end ? 5 : 4))
            #expect(scan.lost.isEmpty)
            var next = StreamWriter(torn.path, on: PosixDisk(), segmentByteCount: 16_384, after: scan)
            next.append(try .fixture(5))
            try next.write()
            let items = try self.frames(torn)
            #expect(items.count == Int(scan.nextSequence))
            #expect(self.numbers(items).last == scan.nextSequence...scan.nextSequence)
        }
    }

    @Test func `a record gone bad in the middle is a gap of exactly its number`() throws {
        var random = SeededGenerator.printed()
        for _ in 0..<40 {
            let folder = try TemporaryFolder()
            _ = try self.written(12, in: folder, segment: 16_384)
            let path = folder.path + "/" + SegmentName(first: 1).file
            let bytes = try PosixDisk().read(path, at: 0, atMost: 1 << 20)
            var cursor = 0
            var starts: [Range<Int>] = []
            while let frame = Frame.decode(bytes, at: cursor) {
                starts.append(cursor..<(cursor + Frame.headerByteCount + frame.content.count))
                cursor += frame.byteCount
            }
            let bad = Int.random(in: 0..<11, using: &random)
            let position = Int.random(in: starts[bad], using: &random)
            try PosixDisk().write([bytes[position] ^ 0x10], to: path, at: position)
            let items = try self.frames(folder)
            #expect(self.numbers(items) == (UInt64(1)...12).map { $0...$0 })
            let number = UInt64(bad + 1)
            let gap = try #require(LostRange(first: number, last: number))
            #expect(items[bad] == .gap(gap))
            #expect(items.filter { if case .gap = $0 { true } else { false } }.count == 1)
        }
    }

    @Test func `what an fsync refused is written again, and read once`() throws {
        let folder = try TemporaryFolder()
        let disk = FaultyDisk()
        var writer = StreamWriter(folder.path, on: disk, segmentByteCount: 16_384)
        for number in 1...4 { writer.append(try .fixture(number)) }
        try writer.write()
        try writer.sync()
        for number in 5...8 { writer.append(try .fixture(number)) }
        try writer.write()
        disk.refuse(["sync"])
        for _ in 0..<3 {
            do throws(DiskFault) {
                try writer.sync()
                Issue.record("an fsync that the disk refused came back")
            } catch {
                #expect(error.operation == "sync")
            }
            #expect(writer.durableThrough == 4)
            try writer.write()
        }
        disk.refuse([])
        writer.append(try .fixture(9))
        try writer.write()
        try writer.sync()
        #expect(writer.durableThrough == 9)
        for first in UInt64(1)...9 {
            #expect(self.numbers(try self.frames(folder, from: first)) == (first...9).map { $0...$0 })
        }
    }

    @Test func `a batch keeps its bounds, and a lost range stands alone`() throws {
        let folder = try TemporaryFolder()
        let boot = try #require(ID<Boot>("boot-1"))
        let place = SpoolFolder(boot, in: folder.path)
        try PosixDisk().makeFolder(place.path)
        var writer = StreamWriter(place.path, on: PosixDisk(), segmentByteCount: 1 << 20)
        for number in 1...700 { writer.append(try .fixture(number)) }
        writer.appendLost(count: 5)
        for number in 0..<300 {
            writer.append(try .fixture(number, user: String(repeating: "u", count: 3_000)))
        }
        try writer.write()
        var feed = StreamFeed(place, on: PosixDisk())
        var next: UInt64 = 1
        var intake = StreamIntake()
        var sizes: [Int] = []
        while next <= 1_005 {
            let cut = try feed.cut(from: next, through: 1_005)
            let bytes = cut.batch.encoded()
            #expect(bytes.count <= UsageBatch.sizeMax)
            let batch = try UsageBatch.decode(bytes)
            #expect(batch.records.first?.sequence == next)
            #expect((batch.chain == nil) == (cut.lost != nil))
            guard case .take = intake.offer(batch) else {
                Issue.record("batch from \(next) was not taken")
                return
            }
            sizes.append(batch.records.count)
            next = cut.through + 1
        }
        #expect(intake.watermark == 1_005)
        #expect(sizes.prefix(3) == [500, 200, 1])
        #expect(sizes.dropFirst(3).allSatisfy { $0 < 90 })
    }

    @Test func `what has caught up reads on where it stopped, through segments begun since`() throws {
        let folder = try TemporaryFolder()
        let disk = FaultyDisk()
        let place = SpoolFolder(try #require(ID<Boot>("boot-1")), in: folder.path)
        try disk.makeFolder(place.path)
        var writer = StreamWriter(place.path, on: disk, segmentByteCount: 8_192)
        var feed = StreamFeed(place, on: disk)
        for number in UInt64(1)...200 {
            writer.append(try .fixture(Int(number)))
            try writer.write()
            try writer.sync()
            let cut = try feed.cut(from: number, through: number)
            #expect(cut.batch.records.map(\.sequence) == [number] && cut.lost == nil)
        }
        #expect(writer.segmentsOpened > 3)
        // One read for each cut, and what a new segment needs.
        #expect(disk.reads < 200 + 4 * writer.segmentsOpened, "\(disk.reads)")
    }
}

extension StreamIntake {
    mutating func offer(_ batch: UsageBatch) -> Action {
        var chain = batch.chain
        let arrivals = batch.records.map { sent in
            chain?.append(sent.bytes)
            let digest = chain?.digest.bytes ?? []
            switch sent.record.content {
            case .lost(let range):
                return Arrival(sequence: sent.sequence, through: range.last, isLoss: true, chain: digest)
            case .closed: return Arrival(sequence: sent.sequence, through: sent.sequence, isClose: true, chain: digest)
            case .event, .unreadable: return Arrival(sequence: sent.sequence, through: sent.sequence, chain: digest)
            }
        }
        return self.offer(arrivals, chainBefore: batch.chain?.digest.bytes ?? [])
    }
}
