import Domain
import Wire

/// Closes the streams of boots that are over: what their intents still hold becomes events, then CLOSED, under the next
/// free numbers of the old boot. Killed at any step, it does the same again with the same result.
struct SpoolRecovery {
    let disk: any SpoolDisk
    let spool: String
    let limits: SpoolLimits
    /// The machine's own start, to tell whether it went down since.
    let machine: String

    /// A stream that has its CLOSED on disk.
    struct Closed: Hashable, Sendable {
        let folder: SpoolFolder
        let started: Timestamp
        /// The number of the CLOSED record.
        let last: UInt64
        let acked: UInt64
        /// Whether the boot closed its stream itself.
        let wasClean: Bool
        let resolved: Int
        let unreadableSlots: Int
    }

    struct Failure: Error {
        let boot: ID<Boot>
        let fault: DiskFault
    }

    /// Every boot but `current`, oldest first. One that cannot be read now stays as it is until the next start.
    func closeAll(but current: ID<Boot>) throws(DiskFault) -> (closed: [Closed], failed: [Failure]) {
        var closed: [Closed] = []
        var failed: [Failure] = []
        for boot in try self.disk.names(in: self.spool).compactMap(ID<Boot>.init) where boot != current {
            do throws(DiskFault) {
                if let stream = try self.close(SpoolFolder(boot, in: self.spool)) { closed.append(stream) }
            } catch {
                failed.append(Failure(boot: boot, fault: error))
            }
        }
        return (closed.sorted { ($0.started, $0.folder.boot) < ($1.started, $1.folder.boot) }, failed)
    }

    /// Nil for a folder in which nothing ever happened; it is gone then.
    private func close(_ folder: SpoolFolder) throws(DiskFault) -> Closed? {
        let files = try self.disk.names(in: folder.path)
        let birth =
            files.contains("boot") ? BootBirth.decode(try self.disk.read(folder.birth, at: 0, atMost: 1_024)) : nil
        guard birth != nil || files.contains(where: { SegmentName(file: $0) != nil }) else {
            for file in files { try self.disk.remove("\(folder.path)/\(file)") }
            try self.disk.removeFolder(folder.path)
            return nil
        }
        let acked =
            files.contains("progress")
            ? Progress.decode(try self.disk.read(folder.progress, at: 0, atMost: Progress.byteCount)) : 0
        let (pending, unreadable) = try self.pending(files, in: folder)
        let wanted = Set(pending.map { AttemptKey($0.event) })
        let hasIntents = files.contains(where: SpoolFolder.isIntents)
        let scan = try StreamScan(
            folder.path,
            on: self.disk,
            acked: acked,
            from: self.start(files, hasIntents: hasIntents, birth: birth, acked: acked),
            looking: wanted
        )
        let open = scan.isClosed ? [] : pending.filter { !scan.attempts.contains(AttemptKey($0.event)) }
        let last = try self.finish(scan, with: open, birth: birth, in: folder)
        for file in files where SpoolFolder.isIntents(file) { try self.disk.remove("\(folder.path)/\(file)") }
        return Closed(
            folder: folder,
            started: birth?.started ?? Timestamp(unixMilliseconds: 0),
            last: last,
            acked: acked,
            wasClean: scan.isClosed && !hasIntents,
            resolved: open.count,
            unreadableSlots: unreadable
        )
    }

    /// Where reading begins. All of a stream can be a gigabyte, and the start waits for it.
    ///
    /// Intents are deleted last: without them the stream has its CLOSED, and its last segment tells its number. What is
    /// acknowledged was durable long after its slot was freed; only a power cut can show such a slot taken again.
    private func start(_ files: [String], hasIntents: Bool, birth: BootBirth?, acked: UInt64) -> UInt64 {
        let last = files.compactMap(SegmentName.init(file:)).max()?.first ?? 1
        if !hasIntents { return last }
        // The last acknowledged record is read once more, for the chain after it.
        return self.isSameMachineStart(as: birth) ? min(max(acked, 1), last) : 1
    }

    private func isSameMachineStart(as birth: BootBirth?) -> Bool {
        birth.map { $0.machine == self.machine && !self.machine.isEmpty } ?? false
    }

    private func pending(
        _ files: [String],
        in folder: SpoolFolder
    ) throws(DiskFault) -> (attempts: [PendingAttempt], unreadable: Int) {
        var attempts: [PendingAttempt] = []
        var unreadable = 0
        for file in files where SpoolFolder.isIntents(file) {
            let path = "\(folder.path)/\(file)"
            let bytes = try self.disk.read(path, at: 0, atMost: try self.disk.status(of: path).byteCount)
            let found = SlotTable.pending(in: bytes)
            attempts += found.attempts
            unreadable += found.unreadable
        }
        return (attempts, unreadable)
    }

    /// Cuts the torn tail off, appends what is missing, and makes all of it durable. Gives CLOSED's number.
    private func finish(
        _ scan: StreamScan,
        with open: [PendingAttempt],
        birth: BootBirth?,
        in folder: SpoolFolder
    ) throws(DiskFault) -> UInt64 {
        if let tail = scan.tail {
            let path = "\(folder.path)/\(tail.segment.file)"
            try self.disk.truncate(path, to: tail.offset)
        }
        guard !scan.isClosed else { return scan.nextSequence - 1 }
        var writer = StreamWriter(
            folder.path,
            on: self.disk,
            segmentByteCount: self.limits.segmentByteCount,
            after: scan
        )
        for attempt in open { writer.append(attempt.event) }
        writer.append(
            StreamEnd(
                lastSequence: writer.nextSequence - 1,
                lost: scan.lost,
                machineWentDown: !self.isSameMachineStart(as: birth)
            )
        )
        try writer.write()
        try writer.sync()
        try writer.trim()
        return writer.nextSequence - 1
    }
}
