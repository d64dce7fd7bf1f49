package import Domain
import Synchronization

/// This node's usage on its way to the control plane: every attempt that reached a provider is here from before its
/// first byte until it is acknowledged.
///
/// The event loops call `begin`, `end` and `deny`, which touch memory only. `flush` and `close` block on the disk and
/// belong to one thread, the writer's.
package final class Spool: UsageRecorder {
    package let boot: ID<Boot>
    let disk: any SpoolDisk
    let limits: SpoolLimits
    private let folder: SpoolFolder
    let path: String
    private let ledgers: [AttemptLedger]
    private let loose: Mutex<Loose>
    private let writer: Mutex<Writing>
    private let shared: Mutex<Shared>

    /// Events that have no slot: denials, and attempts for which none was free.
    private struct Loose {
        var events: [UsageEvent] = []
        var denials: DenialSampler
        var dropped: UInt64 = 0
        var isClosed = false
    }

    private struct Writing {
        var stream: StreamWriter
        /// Taken by attempts whose events are queued.
        var unreleased: [[Int]]
        var lost: [LostRange] = []
        var lastSync: Int64 = 0
        var retryAt: Int64 = .min
        /// Of the last try; what was not tried says nothing.
        var trouble: DiskFault?
        var segmentsSeen = 0
    }

    private struct Shared {
        var durableThrough: UInt64 = 0
        var closedWith: UInt64?
        var acked: [ID<Boot>: UInt64] = [:]
        var past: [SpoolRecovery.Closed]
        var report = SpoolReport()
        var ages = UnsentAges()
    }

    /// Closes what earlier boots left, and begins this boot's stream. Blocks.
    ///
    /// Throws if the folder cannot be made or read; where only the slots cannot be had, the node serves on without
    /// them and `report` says so.
    package static func open(
        at path: String,
        boot: ID<Boot>,
        loops: Int,
        startedAt now: Timestamp,
        machine: String,
        disk: some SpoolDisk = PosixDisk(),
        limits: SpoolLimits = SpoolLimits()
    ) throws -> Spool {
        try disk.makeFolder(path)
        let recovery = SpoolRecovery(disk: disk, spool: path, limits: limits, machine: machine)
        let (closed, failed) = try recovery.closeAll(but: boot)
        let folder = SpoolFolder(boot, in: path)
        try disk.makeFolder(folder.path)
        var report = SpoolReport()
        report.startTrouble = failed.first.map { "boot \($0.boot) cannot be closed now: \($0.fault)" }
        report.resolved = closed.map(\.resolved).reduce(0, +)
        report.previousEnd = closed.last.map { $0.wasClean ? .clean : .unclean } ?? .none
        var ledgers: [AttemptLedger] = []
        for loop in 0..<loops {
            do throws(DiskFault) {
                let byteCount = limits.slotsPerLoop * SlotTable.slotByteCount
                try disk.create(folder.intents(ofLoop: loop), byteCount: byteCount)
                ledgers.append(AttemptLedger(try disk.map(folder.intents(ofLoop: loop), byteCount: byteCount)))
            } catch {
                report.startTrouble = "attempts of loop \(loop) go unproved: \(error)"
                ledgers.append(AttemptLedger(nil))
            }
        }
        try disk.replace(folder.progress, with: Progress.encode(0))
        try disk.replace(folder.birth, with: BootBirth(started: now, machine: machine).encode())
        return Spool(folder, in: path, disk, limits, ledgers, closed, report)
    }

    private init(
        _ folder: SpoolFolder,
        in path: String,
        _ disk: any SpoolDisk,
        _ limits: SpoolLimits,
        _ ledgers: [AttemptLedger],
        _ past: [SpoolRecovery.Closed],
        _ report: SpoolReport
    ) {
        self.boot = folder.boot
        self.folder = folder
        self.path = path
        self.disk = disk
        self.limits = limits
        self.ledgers = ledgers
        self.loose = Mutex(Loose(denials: DenialSampler(perSecondMax: limits.denialsPerSecondMax)))
        let stream = StreamWriter(folder.path, on: disk, segmentByteCount: limits.segmentByteCount)
        self.writer = Mutex(Writing(stream: stream, unreleased: ledgers.map { _ in [] }))
        let acked = Dictionary(past.map { ($0.folder.boot, $0.acked) }) { max($0, $1) }
        self.shared = Mutex(Shared(acked: acked, past: past, report: report))
    }

    // MARK: - The event loops' side

    package func begin(_ event: UsageEvent, onLoop loop: Int) -> AttemptMark {
        guard self.ledgers.indices.contains(loop) else { return AttemptMark(loop: loop, slot: nil) }
        return AttemptMark(loop: loop, slot: self.ledgers[loop].begin(event))
    }

    package func isProving(onLoop loop: Int) -> Bool {
        guard self.ledgers.indices.contains(loop), self.ledgers[loop].freeSlots > 0 else { return false }
        return self.shared.withLock { $0.report.diskTrouble == nil }
    }

    package func grow(_ mark: AttemptMark, _ event: UsageEvent) {
        if let slot = mark.slot { self.ledgers[mark.loop].grow(slot, event) }
    }

    package func end(_ mark: AttemptMark, _ event: UsageEvent) {
        guard let slot = mark.slot else {
            self.loose.withLock { self.keep(event, in: &$0) }
            return
        }
        self.ledgers[mark.loop].end(slot, event)
    }

    package func deny(_ event: UsageEvent) {
        self.loose.withLock { loose in
            if loose.denials.takes(at: event.admitted) { self.keep(event, in: &loose) }
        }
    }

    private func keep(_ event: UsageEvent, in loose: inout Loose) {
        if loose.events.count < self.limits.looseEventsMax {
            loose.events.append(event)
        } else {
            loose.dropped += 1
        }
    }

    // MARK: - The writer's side

    /// Moves what has ended into the stream, and makes it durable when that is due. Blocks. `uptime` is in
    /// milliseconds of a clock that never goes back. Whether there was anything to do, or is soon again.
    @discardableResult
    package func flush(uptime: Int64, now: Timestamp) throws(DiskFault) -> Bool {
        try self.writing { writing throws(DiskFault) in
            guard uptime >= writing.retryAt else { return true }
            let before = writing.stream.nextSequence
            do throws(DiskFault) {
                try self.move(&writing)
                if writing.stream.hasUnsynced, uptime - writing.lastSync >= self.limits.syncEveryMilliseconds {
                    try writing.stream.sync()
                    writing.lastSync = uptime
                    let through = writing.stream.durableThrough
                    self.shared.withLock { shared in
                        shared.report.synced = now
                        shared.ages.durable(through: through, at: now)
                    }
                }
            } catch {
                writing.retryAt = uptime + self.limits.retryDiskMilliseconds
                writing.trouble = error
                throw error
            }
            writing.trouble = nil
            if writing.stream.segmentsOpened != writing.segmentsSeen {
                writing.segmentsSeen = writing.stream.segmentsOpened
                try self.makeRoom(at: now)
            }
            return writing.stream.hasUnsynced || writing.stream.nextSequence != before
        }
    }

    /// Ends this boot's stream: nothing may be in flight any more; what still is becomes what its beginning said.
    package func close() throws(DiskFault) {
        self.loose.withLock { $0.isClosed = true }
        try self.writing { writing throws(DiskFault) in
            try self.move(&writing)
            for ledger in self.ledgers {
                for attempt in ledger.pending() { writing.stream.append(attempt.event) }
            }
            let last = writing.stream.nextSequence - 1
            writing.stream.append(StreamEnd(lastSequence: last, lost: writing.lost, machineWentDown: false))
            try writing.stream.write()
            try writing.stream.sync()
            try writing.stream.trim()
            for loop in self.ledgers.indices { try self.disk.remove(self.folder.intents(ofLoop: loop)) }
            self.shared.withLock { $0.closedWith = last + 1 }
        }
    }

    private func writing<Value: Sendable>(
        _ body: (inout Writing) throws(DiskFault) -> Value
    ) throws(DiskFault) -> Value {
        let result: Result<Value, DiskFault> = self.writer.withLock { writing in
            let result = Result { () throws(DiskFault) in try body(&writing) }
            let stream = writing.stream
            let trouble = writing.trouble
            self.shared.withLock { shared in
                shared.durableThrough = stream.durableThrough
                shared.report.writtenThrough = stream.writtenThrough
                shared.report.durableThrough = stream.durableThrough
                switch result {
                case .success: shared.report.diskTrouble = trouble.map { "usage waits in memory: \($0)" }
                case .failure(let fault): shared.report.diskTrouble = "usage waits in memory: \(fault)"
                }
            }
            return result
        }
        return try result.get()
    }

    /// Numbers and writes what ended; frees the slots of what the kernel has.
    private func move(_ writing: inout Writing) throws(DiskFault) {
        for (loop, ledger) in self.ledgers.enumerated() {
            for ended in ledger.takeEnded() {
                writing.stream.append(event: ended.content)
                writing.unreleased[loop].append(ended.slot)
            }
        }
        let (loose, dropped) = self.takeLoose(room: self.limits.looseEventsMax - writing.stream.queuedCount)
        for event in loose { writing.stream.append(event) }
        if dropped > 0 {
            let first = writing.stream.nextSequence
            writing.stream.appendLost(count: dropped)
            if let range = LostRange(first: first, last: first + dropped - 1) { writing.lost.append(range) }
        }
        try writing.stream.write()
        for (loop, ledger) in self.ledgers.enumerated() { self.release(&writing.unreleased[loop], of: ledger) }
    }

    /// A few at a time, so that a loop never waits long for its lock.
    private func release(_ slots: inout [Int], of ledger: AttemptLedger) {
        for start in stride(from: 0, to: slots.count, by: 64) {
            ledger.release(slots[start..<min(start + 64, slots.count)])
        }
        slots.removeAll(keepingCapacity: true)
    }

    private func takeLoose(room: Int) -> (events: [UsageEvent], dropped: UInt64) {
        self.loose.withLock { loose in
            let events = Array(loose.events.prefix(max(0, room)))
            loose.events.removeFirst(events.count)
            // Their numbers are taken once the disk takes records again.
            let dropped = loose.events.isEmpty ? loose.dropped : 0
            if dropped > 0 { loose.dropped = 0 }
            return (events, dropped)
        }
    }

    // MARK: - Room

    /// Deletes what may go and what must.
    func makeRoom(at now: Timestamp) throws(DiskFault) {
        let (past, acked) = self.shared.withLock { ($0.past, $0.acked) }
        let folders = past.map { ($0.folder, Optional($0.last)) } + [(self.folder, nil)]
        var streams: [Retention.Stream] = []
        for (folder, last) in folders {
            var segments: [Retention.Segment] = []
            for name in try self.disk.names(in: folder.path).compactMap(SegmentName.init(file:)) {
                let status = try self.disk.status(of: "\(folder.path)/\(name.file)")
                segments.append(
                    Retention.Segment(name: name, byteCount: status.byteCount, modified: status.modified)
                )
            }
            streams.append(
                Retention.Stream(
                    segments: segments.sorted { $0.name < $1.name },
                    ackedThrough: acked[folder.boot] ?? 0,
                    last: last
                )
            )
        }
        let byteCount = streams.flatMap(\.segments).map { Int64($0.byteCount) }.reduce(0, +)
        self.shared.withLock { $0.report.byteCount = byteCount }
        let retention = Retention(
            byteCountMax: self.limits.byteCountMax - self.limits.segmentByteCount,
            keepAckedMilliseconds: self.limits.keepAckedMilliseconds
        )
        for deletion in retention.deletions(streams, at: now) {
            let folder = folders[deletion.stream].0
            if folder == self.folder { try self.syncIntents() }
            try self.disk.remove("\(folder.path)/\(deletion.segment.file)")
            if deletion.losesRecords { self.shared.withLock { $0.report.segmentsLost += 1 } }
        }
        for (folder, last) in folders where last != nil { try self.removeIfEmpty(folder) }
    }

    /// A slot's freeing must not be younger on disk than the loss of its event's segment: after a power cut the attempt
    /// would be counted a second time.
    private func syncIntents() throws(DiskFault) {
        for loop in self.ledgers.indices { try self.disk.sync(self.folder.intents(ofLoop: loop)) }
    }

    private func removeIfEmpty(_ folder: SpoolFolder) throws(DiskFault) {
        let files = try self.disk.names(in: folder.path)
        guard !files.contains(where: { SegmentName(file: $0) != nil }) else { return }
        for file in files { try self.disk.remove("\(folder.path)/\(file)") }
        try self.disk.removeFolder(folder.path)
        self.shared.withLock { shared in shared.past.removeAll { $0.folder == folder } }
    }

    // MARK: - The uploader's side

    /// A stream to send. `last` is CLOSED's number.
    struct Stream: Hashable, Sendable {
        let folder: SpoolFolder
        let acked: UInt64
        let durable: UInt64
        let last: UInt64?

        var askingAgain: Stream {
            let acked = self.acked > 0 ? self.acked - 1 : 0
            return Stream(folder: self.folder, acked: acked, durable: self.durable, last: self.last)
        }
    }

    /// What has not been acknowledged to its end, oldest boot first, this boot last.
    func streams() -> [Stream] {
        self.shared.withLock { shared in
            self.past(shared).filter { $0.acked < $0.durable } + [self.current(shared)]
        }
    }

    /// Every stream that is still on disk, from its last acknowledged record on: after a restore the control plane may
    /// have to send the sender back. One that it still knows to its end costs one record that it drops.
    func streamsAgain() -> [Stream] {
        self.shared.withLock { shared in (self.past(shared) + [self.current(shared)]).map(\.askingAgain) }
    }

    func current() -> Stream { self.shared.withLock { self.current($0) } }

    private func past(_ shared: Shared) -> [Stream] {
        shared.past.map { past in
            Stream(
                folder: past.folder,
                acked: shared.acked[past.folder.boot] ?? 0,
                durable: past.last,
                last: past.last
            )
        }
    }

    private func current(_ shared: Shared) -> Stream {
        Stream(
            folder: self.folder,
            acked: shared.acked[self.boot] ?? 0,
            durable: shared.durableThrough,
            last: shared.closedWith
        )
    }

    /// The control plane has committed everything of `folder` up to here. Blocks.
    func acknowledge(_ folder: SpoolFolder, through sequence: UInt64) throws(DiskFault) {
        self.shared.withLock { shared in
            shared.acked[folder.boot] = sequence
            if folder == self.folder { shared.ages.acked(through: sequence) }
        }
        try self.disk.write(Progress.encode(sequence), to: folder.progress, at: 0)
    }

    func note(_ change: (inout SpoolReport) -> Void) { self.shared.withLock { change(&$0.report) } }

    /// What an operator should know of the spool.
    package func report() -> SpoolReport {
        var report = self.shared.withLock { shared in
            var report = shared.report
            report.oldestUnsent = shared.ages.oldest
            return report
        }
        report.ackedThrough = self.current().acked
        report.attemptsWithoutSlot = self.ledgers.map(\.withoutSlot).reduce(0, +)
        report.freeSlots = self.ledgers.map(\.freeSlots).reduce(0, +)
        self.loose.withLock { loose in
            report.denialsNotRecorded = loose.denials.passedOver
            report.eventsDropped += loose.dropped
        }
        return report
    }
}
