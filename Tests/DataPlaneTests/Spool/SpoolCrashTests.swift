import Domain
import TestSupport
import Testing
import Wire

@testable import DataPlane

/// What the control plane would have counted: the real intake rule around a set of events.
struct ModelControlPlane {
    var streams: [ID<Boot>: StreamIntake] = [:]
    var events: [UsageEvent] = []
    var eventsOfBoot: [ID<Boot>: Int] = [:]
    var lost: [LostRange] = []
    var ends: [StreamEnd] = []

    mutating func take(_ bytes: [UInt8]) throws -> UploadReply {
        let batch = try UsageBatch.decode(bytes)
        let expected = self.streams[batch.boot, default: StreamIntake()].watermark + 1
        switch self.streams[batch.boot, default: StreamIntake()].offer(batch) {
        case .fence: return .fenced
        case .rewind(let expected): return .rewind(to: expected)
        case .take(let first):
            for record in batch.records[first...] where record.sequence >= expected || record.isLostRange {
                switch record.record.content {
                case .event(let event):
                    self.events.append(event)
                    self.eventsOfBoot[batch.boot, default: 0] += 1
                case .lost(let range): self.lost.append(range)
                case .closed(let end): self.ends.append(end)
                case .unreadable: Issue.record("a record that cannot be read")
                }
            }
            return .accepted(through: self.streams[batch.boot]?.watermark ?? 0)
        }
    }
}

@Suite struct `Usage through crashes` {
    /// All that really happened, whatever the process remembers of it.
    private struct Truth {
        var begun: [AttemptKey: UsageEvent] = [:]
        var ended: [AttemptKey: UsageEvent] = [:]
    }

    private static let machine = "machine-1"

    private func open(
        _ folder: TemporaryFolder,
        boot: Int,
        _ disk: FaultyDisk,
        machine: String = machine
    ) throws -> Spool {
        try Spool.open(
            at: folder.path + "/usage",
            boot: try #require(ID("boot-\(boot)")),
            loops: 2,
            startedAt: Timestamp(unixMilliseconds: Int64(boot)),
            machine: machine,
            disk: disk,
            limits: .tiny
        )
    }

    /// One life of a node: random steps until the disk ends it, or they do.
    private func live(
        _ spool: Spool,
        _ disk: FaultyDisk,
        _ truth: inout Truth,
        _ control: inout ModelControlPlane,
        _ random: inout SeededGenerator
    ) throws {
        var open: [(mark: AttemptMark, exchange: Int)] = []
        var uptime: Int64 = 0
        for _ in 0..<Int.random(in: 5...80, using: &random) where !disk.isDead {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let exchange = truth.begun.count + 1
                let note = try UsageEvent.fixture(exchange, outcome: .lost)
                let mark = spool.begin(note, onLoop: Int.random(in: 0...1, using: &random))
                // Without a slot a crash may hide it; that it was so is counted, and not this test's matter.
                if mark.slot == nil { continue }
                truth.begun[AttemptKey(note)] = note
                open.append((mark, exchange))
            case 4..<7:
                guard let index = open.indices.randomElement(using: &random) else { continue }
                let (mark, exchange) = open.remove(at: index)
                let event = try UsageEvent.fixture(exchange, output: .random(in: 0...999, using: &random))
                spool.end(mark, event)
                truth.ended[AttemptKey(event)] = event
            case 7..<9:
                uptime += .random(in: 1...60, using: &random)
                // A refusal is the disk's end here; the process goes on to its own.
                do { try spool.flush(uptime: uptime, now: Timestamp(unixMilliseconds: uptime)) } catch { continue }
            default: try self.send(spool, &control, &random, steps: 3)
            }
        }
    }

    /// Sends by the machine's rules over a network that loses, doubles and delays.
    private func send(
        _ spool: Spool,
        _ control: inout ModelControlPlane,
        _ random: inout SeededGenerator,
        steps: Int,
        isReliable: Bool = false
    ) throws {
        for stream in spool.streams() {
            var machine = UploadMachine(
                ackedThrough: stream.acked,
                durableThrough: stream.durable,
                last: stream.last,
                lingerMilliseconds: 0
            )
            var feed = StreamFeed(stream.folder, on: PosixDisk())
            var now: Int64 = 0
            var old: [[UInt8]] = []
            for _ in 0..<steps {
                now += 40_000
                guard case .send(let from, let through) = machine.next(at: now) else { break }
                // A cut in the middle makes the next batch begin anywhere.
                let limit = isReliable ? through : UInt64.random(in: from...through, using: &random)
                let cut = try feed.cut(from: from, through: limit)
                machine.sent(through: cut.through)
                let bytes = cut.batch.encoded()
                old.append(bytes)
                let fate = isReliable ? 9 : Int.random(in: 0..<10, using: &random)
                if fate == 0 {  // the request is lost
                    machine.failed(at: now) { $0.upperBound }
                    continue
                }
                let reply = try control.take(bytes)
                if fate == 2, let again = old.randomElement(using: &random) { _ = try control.take(again) }
                if fate == 1 {  // the reply is lost
                    machine.failed(at: now) { $0.upperBound }
                    continue
                }
                machine.replied(reply, at: now) { $0.upperBound }
                do throws(DiskFault) { try spool.acknowledge(stream.folder, through: machine.ackedThrough) } catch {
                    break
                }
            }
        }
    }

    @Test func `every attempt is counted once, whoever dies when and whatever the network does`() throws {
        var random = SeededGenerator.printed()
        for _ in 0..<60 {
            let folder = try TemporaryFolder()
            var truth = Truth()
            var control = ModelControlPlane()
            let lives = Int.random(in: 1...5, using: &random)
            for boot in 1...lives {
                let disk = FaultyDisk()
                disk.die(atChange: .random(in: 0...60, using: &random), share: .random(in: 0...1, using: &random))
                guard let spool = try? self.open(folder, boot: boot, disk) else { continue }
                try self.live(spool, disk, &truth, &control, &random)
            }
            try self.finish(folder, boot: lives + 1, truth, &control, &random)
        }
    }

    @Test func `a machine that goes down loses at most what was not yet durable, and says that it went down`() throws {
        var random = SeededGenerator.printed()
        for _ in 0..<60 {
            let folder = try TemporaryFolder()
            var truth = Truth()
            var control = ModelControlPlane()
            var durable: [ID<Boot>: UInt64] = [:]
            let lives = Int.random(in: 1...4, using: &random)
            for boot in 1...lives {
                let disk = FaultyDisk()
                let spool = try self.open(folder, boot: boot, disk, machine: "machine-\(boot)")
                disk.die(atChange: disk.changes + .random(in: 0...40, using: &random), share: 1)
                try self.live(spool, disk, &truth, &control, &random)
                durable[spool.boot] = spool.current().durable
                try disk.losePower(&random)
            }
            let spool = try self.open(folder, boot: lives + 1, FaultyDisk(), machine: "machine-last")
            try spool.close()
            try self.send(spool, &control, &random, steps: 200, isReliable: true)
            for (boot, durable) in durable { #expect(control.eventsOfBoot[boot, default: 0] >= Int(durable)) }
            let counted = Dictionary(grouping: control.events, by: AttemptKey.init)
            for (key, events) in counted {
                #expect(events.count == 1)
                #expect(events.first == truth.ended[key] || events.first == truth.begun[key])
            }
            #expect(control.streams.values.allSatisfy { $0.isClosed && !$0.isFenced })
            #expect(control.ends.filter { $0.machineWentDown }.count == lives)
        }
    }

    @Test func `a death at each single change of the disk, also while closing and recovering, loses nothing`() throws {
        var random = SeededGenerator.printed()
        var step = 0
        var wasWhole = false
        while !wasWhole {
            let folder = try TemporaryFolder()
            var truth = Truth()
            var control = ModelControlPlane()
            let disk = FaultyDisk()
            disk.die(atChange: step, share: Double(step % 4) / 3)
            if let spool = try? self.open(folder, boot: 1, disk) {
                for exchange in 1...12 {
                    let note = try UsageEvent.fixture(exchange, outcome: .lost)
                    let mark = spool.begin(note, onLoop: exchange % 2)
                    if mark.slot != nil { truth.begun[AttemptKey(note)] = note }
                    guard exchange % 3 != 0, mark.slot != nil else { continue }
                    let event = try UsageEvent.fixture(exchange)
                    spool.end(mark, event)
                    truth.ended[AttemptKey(event)] = event
                    do { try spool.flush(uptime: Int64(exchange) * 100, now: Timestamp(unixMilliseconds: 0)) } catch {
                        continue
                    }
                }
                do { try spool.close() } catch { #expect(disk.isDead) }
            }
            wasWhole = !disk.isDead
            // The recovery dies at each of its own changes too.
            for change in 0..<8 {
                let recovering = FaultyDisk()
                recovering.die(atChange: change, share: 0.5)
                #expect(throws: (any Error).self) { try self.openWhollyOrFail(folder, boot: 2 + change, recovering) }
            }
            try self.finish(folder, boot: 20, truth, &control, &random)
            step += 1
        }
        print("\(step) changes of the disk in a whole life, each with 8 deaths while recovering")
        #expect(step > 20)
    }

    private func openWhollyOrFail(_ folder: TemporaryFolder, boot: Int, _ disk: FaultyDisk) throws {
        let spool = try self.open(folder, boot: boot, disk)
        // A loop without slots is no reason to stop; the death that caused it shows here.
        try spool.flush(uptime: 0, now: Timestamp(unixMilliseconds: 0))
        if disk.isDead { throw DiskFault("open", folder.path, errno: FaultyDisk.death) }
    }

    /// A last boot on a healthy disk closes, sends and compares.
    private func finish(
        _ folder: TemporaryFolder,
        boot: Int,
        _ truth: Truth,
        _ control: inout ModelControlPlane,
        _ random: inout SeededGenerator
    ) throws {
        let spool = try self.open(folder, boot: boot, FaultyDisk())
        try spool.close()
        try self.send(spool, &control, &random, steps: 200, isReliable: true)
        let counted = Dictionary(grouping: control.events, by: AttemptKey.init)
        #expect(counted.count == truth.begun.count)
        for (key, note) in truth.begun {
            // What ended before the death is counted as it ended, also if the writer never came by.
            #expect(counted[key] == [truth.ended[key] ?? note])
        }
        #expect(control.lost.isEmpty)
        #expect(control.streams.values.allSatisfy { $0.isClosed && !$0.isFenced })
        #expect(control.ends.allSatisfy { $0.lost.isEmpty && !$0.machineWentDown })
        #expect(spool.streams().filter { $0.acked < $0.durable }.isEmpty)
    }
}
