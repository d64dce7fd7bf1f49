import Domain
import Foundation
import TestSupport
import Testing
import Wire

@testable import DataPlane

@Suite struct `The spool` {
    private func open(
        _ folder: TemporaryFolder,
        boot: String = "boot-1",
        machine: String = "machine-1",
        disk: some SpoolDisk = PosixDisk(),
        limits: SpoolLimits = .tiny
    ) throws -> Spool {
        try Spool.open(
            at: folder.path + "/usage",
            boot: try #require(ID(boot)),
            loops: 1,
            startedAt: Timestamp(unixMilliseconds: 1),
            machine: machine,
            disk: disk,
            limits: limits
        )
    }

    /// Everything that the spool would send, taken by the real intake rule.
    private func sendAll(_ spool: Spool, to control: inout ModelControlPlane) throws {
        for stream in spool.streams() {
            var feed = StreamFeed(stream.folder, on: PosixDisk())
            var next = stream.acked + 1
            while next <= stream.durable {
                let cut = try feed.cut(from: next, through: stream.durable)
                let reply = try control.take(cut.batch.encoded())
                #expect(reply == .accepted(through: cut.through))
                next = cut.through + 1
            }
            try spool.acknowledge(stream.folder, through: next - 1)
        }
    }

    @Test func `only what is durable is sent`() throws {
        let folder = try TemporaryFolder()
        let spool = try self.open(folder)
        spool.end(spool.begin(try .fixture(1, outcome: .lost), onLoop: 0), try .fixture(1))
        try spool.flush(uptime: 10, now: Timestamp(unixMilliseconds: 0))
        #expect(spool.report().writtenThrough == 1)
        #expect(spool.current().durable == 0)
        try spool.flush(uptime: 50, now: Timestamp(unixMilliseconds: 0))
        #expect(spool.current().durable == 1)
    }

    @Test func `a slot is free again only when its event is written`() throws {
        let folder = try TemporaryFolder()
        let disk = FaultyDisk()
        let spool = try self.open(folder, disk: disk)
        let free = spool.report().freeSlots
        let mark = spool.begin(try .fixture(1, outcome: .lost), onLoop: 0)
        spool.end(mark, try .fixture(1))
        disk.refuse(["create", "write"])
        #expect(throws: DiskFault.self) { try spool.flush(uptime: 1, now: Timestamp(unixMilliseconds: 0)) }
        #expect(spool.report().freeSlots == free - 1)
        #expect(spool.report().warnings.count == 1)
        disk.refuse([])
        try spool.flush(uptime: 2, now: Timestamp(unixMilliseconds: 0))
        #expect(spool.report().freeSlots == free)
        #expect(spool.report().warnings.isEmpty)
    }

    @Test func `without a free slot an attempt goes on, counted, and its event still arrives`() throws {
        let folder = try TemporaryFolder()
        let spool = try self.open(folder)
        let marks = try (1...10).map { spool.begin(try .fixture($0, outcome: .lost), onLoop: 0) }
        #expect(marks.filter { $0.slot == nil }.count == 2)
        #expect(spool.report().attemptsWithoutSlot == 2)
        for (index, mark) in marks.enumerated() { spool.end(mark, try .fixture(index + 1)) }
        try spool.close()
        var control = ModelControlPlane()
        try self.sendAll(spool, to: &control)
        #expect(control.events.count == 10)
    }

    @Test func `a disk that gives no slots leaves a spool that says so and still counts`() throws {
        let folder = try TemporaryFolder()
        let disk = FaultyDisk()
        disk.refuse(["create"])
        let spool = try self.open(folder, disk: disk)
        #expect(spool.report().startTrouble?.contains("unproved") == true)
        let mark = spool.begin(try .fixture(1, outcome: .lost), onLoop: 0)
        #expect(mark.slot == nil)
        spool.end(mark, try .fixture(1))
        #expect(throws: DiskFault.self) { try spool.flush(uptime: 1, now: Timestamp(unixMilliseconds: 0)) }
        disk.refuse([])
        try spool.flush(uptime: 100, now: Timestamp(unixMilliseconds: 0))
        #expect(spool.current().durable == 1)
    }

    @Test func `events that nobody could keep are declared lost, each by its number`() throws {
        let folder = try TemporaryFolder()
        let disk = FaultyDisk()
        var limits = SpoolLimits.tiny
        limits.looseEventsMax = 5
        let spool = try self.open(folder, disk: disk, limits: limits)
        for index in 1...9 { spool.end(AttemptMark(loop: 0, slot: nil), try .fixture(index)) }
        #expect(spool.report().eventsDropped == 4)
        try spool.close()
        var control = ModelControlPlane()
        try self.sendAll(spool, to: &control)
        #expect(control.events.count == 5)
        let lost = try #require(LostRange(first: 6, last: 9))
        #expect(control.lost == [lost])
        #expect(control.ends == [StreamEnd(lastSequence: 9, lost: control.lost, machineWentDown: false)])
    }

    @Test func `a full spool gives up its oldest records and says which`() throws {
        let folder = try TemporaryFolder()
        var limits = SpoolLimits.tiny
        limits.byteCountMax = 8 * limits.segmentByteCount
        let spool = try self.open(folder, limits: limits)
        var uptime: Int64 = 0
        for index in 1...120 {
            spool.end(spool.begin(try .fixture(index, outcome: .lost), onLoop: 0), try .fixture(index))
            uptime += 50
            try spool.flush(uptime: uptime, now: Timestamp(unixMilliseconds: 0))
        }
        try spool.close()
        #expect(spool.report().segmentsLost > 0)
        var control = ModelControlPlane()
        try self.sendAll(spool, to: &control)
        let lost = try #require(control.lost.first)
        #expect(control.lost.count == 1)
        #expect(lost.first == 1)
        #expect(control.events.count == 120 - Int(lost.last))
        #expect(control.streams.values.allSatisfy { $0.isClosed })
    }

    @Test func `a clean end is told from a death, and the machine's from the process's`() throws {
        let folder = try TemporaryFolder()
        let first = try self.open(folder, boot: "boot-1")
        #expect(first.report().previousEnd == .none)
        try first.close()
        let second = try self.open(folder, boot: "boot-2")
        #expect(second.report().previousEnd == .clean)
        _ = second.begin(try .fixture(1, outcome: .lost), onLoop: 0)
        let third = try self.open(folder, boot: "boot-3", machine: "machine-2")
        #expect(third.report().previousEnd == .unclean)
        #expect(third.report().resolved == 1)
        var control = ModelControlPlane()
        try self.sendAll(third, to: &control)
        #expect(control.ends.map(\.machineWentDown) == [false, true])
        let resolved = try UsageEvent.fixture(1, outcome: .lost)
        #expect(control.events == [resolved])
    }

    @Test func `a control plane set back gets the same records again`() throws {
        let folder = try TemporaryFolder()
        let spool = try self.open(folder)
        for index in 1...40 {
            spool.end(spool.begin(try .fixture(index, outcome: .lost), onLoop: 0), try .fixture(index))
            try spool.flush(uptime: Int64(index) * 50, now: Timestamp(unixMilliseconds: 0))
        }
        var early = ModelControlPlane()
        var feed = StreamFeed(try #require(spool.streams().last).folder, on: PosixDisk())
        _ = try early.take(try feed.cut(from: 1, through: 15).batch.encoded())
        var late = early
        _ = try late.take(try feed.cut(from: 16, through: 40).batch.encoded())
        #expect(late.events.count == 40)
        _ = try early.take(try feed.cut(from: 16, through: 40).batch.encoded())
        #expect(early.events == late.events)
        #expect(early.streams == late.streams)
    }

    @Test func `two processes that write one stream are found by the chain`() throws {
        var control = ModelControlPlane()
        for copy in 1...2 {
            let folder = try TemporaryFolder()
            let spool = try self.open(folder)
            for index in 1...3 { spool.end(AttemptMark(loop: 0, slot: nil), try .fixture(10 * copy + index)) }
            try spool.flush(uptime: 50, now: Timestamp(unixMilliseconds: 0))
            var feed = StreamFeed(spool.current().folder, on: PosixDisk())
            let cut = copy == 1 ? try feed.cut(from: 1, through: 2) : try feed.cut(from: 3, through: 3)
            let reply = try control.take(cut.batch.encoded())
            #expect(reply == (copy == 1 ? .accepted(through: 2) : .fenced))
        }
    }

    @Test func `a process killed by the kernel hides nothing`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/usage"
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let spool = try Spool.open(
                at: path,
                boot: try #require(ID("boot-1")),
                loops: 1,
                startedAt: Timestamp(unixMilliseconds: 1),
                machine: MachineStart.id()
            )
            for index in 1...30 {
                let mark = spool.begin(try .fixture(index, outcome: .lost), onLoop: 0)
                if index <= 20 { spool.end(mark, try .fixture(index)) }
                if index == 10 { try spool.flush(uptime: 50, now: Timestamp(unixMilliseconds: 0)) }
            }
            kill(getpid(), SIGKILL)
        }
        let spool = try self.open(folder, boot: "boot-2", machine: MachineStart.id())
        #expect(spool.report().resolved == 20)
        var control = ModelControlPlane()
        try self.sendAll(spool, to: &control)
        let expected = try (1...30).map { try UsageEvent.fixture($0, outcome: $0 <= 20 ? .answered : .lost) }
        #expect(control.events == expected)
        #expect(control.ends.map(\.machineWentDown) == [false])
    }

    /// `MARTLET_BENCH=1 swift test -c release --filter 'cost of an attempt'` prints what an attempt costs its loop.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["MARTLET_BENCH"] != nil))
    func `the cost of an attempt on its loop`() throws {
        let folder = try TemporaryFolder()
        let spool = try self.open(folder, limits: SpoolLimits())
        let begun = try UsageEvent.fixture(1, outcome: .lost, metadata: ["project": "apollo", "region": "eu"])
        let ended = try UsageEvent.fixture(1, metadata: ["project": "apollo", "region": "eu"])
        var best = Duration.seconds(1)
        for round in 1...200 {
            let clock = ContinuousClock()
            let spent = clock.measure {
                for _ in 0..<1_000 { spool.end(spool.begin(begun, onLoop: 0), ended) }
            }
            best = min(best, spent / 1_000)
            try spool.flush(uptime: Int64(round) * 50, now: Timestamp(unixMilliseconds: 0))
        }
        print("begin and end of an attempt: \(best) at best")
        #expect(spool.report().attemptsWithoutSlot == 0)
    }
}
