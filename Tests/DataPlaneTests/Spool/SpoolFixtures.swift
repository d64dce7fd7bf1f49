import Domain
import Synchronization
import TestSupport
import Testing

@testable import DataPlane

extension UsageEvent {
    static func fixture(
        _ exchange: Int = 1,
        attempt: UInt32 = 1,
        outcome: Outcome = .answered,
        output: Int64 = 5,
        user: String = "ann",
        metadata: [String: String] = [:],
        admitted: Int64 = 1_000
    ) throws -> UsageEvent {
        UsageEvent(
            exchange: try #require(ID("exchange-\(exchange)")),
            attempt: attempt,
            isLast: true,
            admitted: Timestamp(unixMilliseconds: admitted),
            caller: Caller(
                application: try #require(ApplicationID("key-1")),
                team: try #require(Name("demo")),
                user: user,
                task: "legal",
                metadata: metadata
            ),
            target: Target(
                route: Name("assistant"),
                model: Name("local/small"),
                provider: Name("local"),
                priceVersion: 3,
                providerRequest: "chatcmpl-1"
            ),
            snapshot: SnapshotVersion(epoch: 1, sequence: 42, headVersion: 57),
            tokens: TokenCounts(input: 7, cachedInput: nil, output: output),
            tokenSource: .provider,
            cost: Money(nanoDollars: 1_234),
            latency: Latency(firstToken: outcome == .lost ? nil : 12, provider: 30, total: 40),
            outcome: outcome,
            code: outcome == .answered ? nil : .upstreamError,
            upstreamStatus: outcome == .answered ? 200 : nil,
            isStream: true,
            isUnconfirmed: outcome == .lost
        )
    }
}

/// A real disk that ends the world before its n-th change: the change happens in part or not at all, and nothing after
/// it happens. Or one that refuses for a while.
final class FaultyDisk: SpoolDisk {
    private let disk = PosixDisk()
    private let state = Mutex(State())

    private struct State {
        var changes = 0
        var reads = 0
        var dieAt: Int?
        var share = 0.0
        var refusals: Set<String> = []
        /// Writes that no fsync has followed, oldest first, with what stood there before.
        var unsynced: [Unsynced] = []
    }

    private struct Unsynced {
        let path: String
        let offset: Int
        let before: [UInt8]
    }

    /// The machine goes down: of what was not synced, any part may be missing.
    func losePower(_ random: inout SeededGenerator) throws {
        let unsynced = self.state.withLock { $0.unsynced }
        for write in unsynced.reversed() where Bool.random(using: &random) {
            let count = Int.random(in: 0...write.before.count, using: &random)
            let kept = Bool.random(using: &random) ? 0 : write.before.count - count
            try self.disk.write(Array(write.before[kept..<(kept + count)]), to: write.path, at: write.offset + kept)
        }
    }

    static let death: Int32 = 9_999

    /// `share` of the bytes of a write that is not survived still reach the file.
    func die(atChange change: Int, share: Double = 0) {
        self.state.withLock {
            $0.dieAt = change
            $0.share = share
        }
    }

    func refuse(_ operations: Set<String>) { self.state.withLock { $0.refusals = operations } }

    var changes: Int { self.state.withLock { $0.changes } }
    var reads: Int { self.state.withLock { $0.reads } }
    var isDead: Bool { self.state.withLock { state in state.dieAt.map { state.changes >= $0 } ?? false } }

    /// The share that happens; nil for all of it.
    private func change(_ operation: String, _ path: String) throws(DiskFault) -> Double? {
        let answer: Result<Double?, DiskFault> = self.state.withLock { state in
            if state.refusals.contains(operation) { return .failure(DiskFault(operation, path, errno: 28)) }
            guard let dieAt = state.dieAt else {
                state.changes += 1
                return .success(nil)
            }
            guard state.changes < dieAt else { return .failure(DiskFault(operation, path, errno: Self.death)) }
            state.changes += 1
            return .success(state.changes == dieAt ? state.share : nil)
        }
        return try answer.get()
    }

    private func whole(_ operation: String, _ path: String) throws(DiskFault) {
        if try self.change(operation, path) != nil { throw DiskFault(operation, path, errno: Self.death) }
    }

    func names(in folder: String) throws(DiskFault) -> [String] { try self.disk.names(in: folder) }

    func makeFolder(_ path: String) throws(DiskFault) {
        try self.whole("makeFolder", path)
        try self.disk.makeFolder(path)
    }

    func create(_ path: String, byteCount: Int) throws(DiskFault) {
        try self.whole("create", path)
        try self.disk.create(path, byteCount: byteCount)
    }

    func replace(_ path: String, with bytes: [UInt8]) throws(DiskFault) {
        try self.whole("replace", path)
        try self.disk.replace(path, with: bytes)
    }

    func write(_ bytes: [UInt8], to path: String, at offset: Int) throws(DiskFault) {
        let before = try self.disk.read(path, at: offset, atMost: bytes.count)
        self.state.withLock { $0.unsynced.append(Unsynced(path: path, offset: offset, before: before)) }
        guard let share = try self.change("write", path) else {
            try self.disk.write(bytes, to: path, at: offset)
            return
        }
        try self.disk.write(Array(bytes.prefix(Int(Double(bytes.count) * share))), to: path, at: offset)
        throw DiskFault("write", path, errno: Self.death)
    }

    func sync(_ path: String) throws(DiskFault) {
        try self.whole("sync", path)
        try self.disk.sync(path)
        self.state.withLock { $0.unsynced.removeAll { $0.path == path } }
    }

    func truncate(_ path: String, to byteCount: Int) throws(DiskFault) {
        try self.whole("truncate", path)
        try self.disk.truncate(path, to: byteCount)
        self.state.withLock { $0.unsynced.removeAll { $0.path == path } }
    }

    func read(_ path: String, at offset: Int, atMost count: Int) throws(DiskFault) -> [UInt8] {
        self.state.withLock { $0.reads += 1 }
        return try self.disk.read(path, at: offset, atMost: count)
    }

    func status(of path: String) throws(DiskFault) -> FileStatus { try self.disk.status(of: path) }

    func remove(_ path: String) throws(DiskFault) {
        try self.whole("remove", path)
        try self.disk.remove(path)
        self.state.withLock { $0.unsynced.removeAll { $0.path == path } }
    }

    func removeFolder(_ path: String) throws(DiskFault) {
        try self.whole("removeFolder", path)
        try self.disk.removeFolder(path)
    }

    func map(_ path: String, byteCount: Int) throws(DiskFault) -> MappedMemory {
        try self.disk.map(path, byteCount: byteCount)
    }
}

extension SpoolLimits {
    /// Small enough that a few events fill a segment.
    static var tiny: SpoolLimits {
        var limits = SpoolLimits()
        limits.segmentByteCount = 2_048
        limits.slotsPerLoop = 8
        limits.lingerMilliseconds = 0
        limits.retryDiskMilliseconds = 0
        return limits
    }
}
