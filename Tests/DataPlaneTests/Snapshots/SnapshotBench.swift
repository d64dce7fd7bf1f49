import DataPlane
import Domain
import Foundation
import Platform
import Synchronization
import TestSupport
import Testing
import Wire

/// A node's snapshot client with a real disk, before an origin whose every reply a test decides. No socket, no clock:
/// the calls go through `SnapshotCalls`, so that replies mean here what they mean on the wire.
final class SnapshotBench {
    let folder: TemporaryFolder
    let house: House
    let origin = Origin()
    let files: SnapshotFiles
    let calls: SnapshotCalls
    let node: ID<Node> = must(ID("node-1"))
    let floor: HeadPosition
    var stalenessMax: Int64?
    var now = Moment(wall: House.start, steady: 0)
    var client: SnapshotClient?
    /// What traffic is served from.
    var served: Snapshot?
    var isBanned = false
    /// Replaces what compiling brings.
    var compileResult: Result<SnapshotContent, SnapshotRefusal>?
    /// Every wait of the client, in milliseconds.
    var waits: [Int64] = []
    var polls = 0

    /// A node that has enrolled and taken `sequence`, unless it is nil.
    init(
        serving sequence: UInt64? = 41,
        house: House = House(),
        root: ((House) -> Root)? = nil,
        floor: HeadPosition = HeadPosition(epoch: 1, headVersion: 1),
        recipe: (inout Recipe) -> Void = { _ in }
    ) async throws {
        self.folder = try TemporaryFolder("martlet-snapshots")
        self.house = house
        self.floor = floor
        self.files = try SnapshotFiles(in: self.folder.path)
        self.calls = SnapshotCalls(sources: self.origin)
        try self.files.store(roots: [house.signed(root?(house) ?? house.root(), by: house.rootKeys)])
        try self.files.store(floors: Floors(head: floor))
        try self.restart()
        guard let sequence else { return }
        try self.offer(Recipe(sequence, recipe))
        await self.deliver()
        #expect(self.served?.version.sequence == sequence, "the bench itself must work")
    }

    /// Puts a publication before the node.
    @discardableResult
    func offer(_ recipe: Recipe) throws -> Recipe.Publication {
        let publication = try recipe.publication(of: self.house, at: self.now.wall)
        self.origin.offer(publication, etag: "\"\(Digest.sha256(of: publication.head).hex)\"")
        return publication
    }

    /// One process ends as it should and the next begins.
    func restart(pin: Digest? = nil) throws {
        if let trial = self.client?.endCleanly() { try self.files.store(trial: trial) }
        try self.crash(pin: pin)
    }

    /// One process ends without a word and the next begins.
    func crash(pin: Digest? = nil) throws {
        self.client = nil
        self.served = nil
        let restart = try SnapshotRestart(from: self.files, pin: pin, floor: self.floor, at: self.now.wall)
        if let trial = restart.trial { try self.files.store(trial: trial) }
        let settings = SnapshotClient.Settings(
            node: self.node,
            sources: self.origin.count,
            stalenessMax: self.stalenessMax
        )
        let client = SnapshotClient(restart, settings, at: self.now)
        self.served = client.served
        self.client = client
    }

    /// Runs the client until it has nothing to do: it waits, or polls again with all that is offered taken.
    func deliver(atMost steps: Int = 200) async {
        guard var client = self.client else { return }
        // Past every back-off; the wall clock is the test's own to move.
        self.now = Moment(wall: self.now.wall, steady: self.now.steady + 60_000)
        var action = client.next(at: self.now)
        var pollsLeft = 3
        for _ in 0..<steps {
            switch action {
            case .poll(let source, let etag):
                guard pollsLeft > 0 else {
                    self.client = client
                    return
                }
                pollsLeft -= 1
                self.polls += 1
                action = client.received(await self.calls.head(source, etag: etag), at: self.now, draw: 0.5)
            case .fetchRoot(let source, let version):
                action = client.received(await self.calls.root(source, version: version), at: self.now, draw: 0.5)
            case .fetchBlob(let source, let reference):
                action = client.received(await self.calls.blob(source, reference), at: self.now, draw: 0.5)
            case .storeRoots(let roots):
                let refusal = Self.refusal { () throws(SnapshotRefusal) in try self.files.store(roots: roots) }
                action = client.stored(refusal, at: self.now, draw: 0.5)
            case .store(let record):
                let refusal = Self.refusal { () throws(SnapshotRefusal) in try self.files.store(record) }
                action = client.stored(refusal, at: self.now, draw: 0.5)
            case .compile(let verifier, let manifest, let fetched):
                let result = self.compileResult ?? self.compile(verifier, manifest, fetched)
                action = client.compiled(result, at: self.now, draw: 0.5)
            case .activate(let snapshot):
                self.served = snapshot
                action = client.next(at: self.now)
            case .sleep(let milliseconds):
                self.waits.append(milliseconds)
                self.client = client
                return
            case .ban:
                self.served = nil
                self.isBanned = true
                self.client = client
                return
            }
        }
        self.client = client
        Issue.record("the client has not come to rest within \(steps) steps")
    }

    /// Lets time pass on both clocks.
    func pass(milliseconds: Int64) {
        self.now = Moment(
            wall: self.now.wall.advanced(byMilliseconds: milliseconds),
            steady: self.now.steady + milliseconds
        )
        self.tick()
    }

    func tick() {
        for chore in self.client?.tick(at: self.now) ?? [] {
            switch chore {
            case .storeTrial(let trial):
                _ = Self.refusal { () throws(SnapshotRefusal) in try self.files.store(trial: trial) }
            case .storeFloors(let floors):
                _ = Self.refusal { () throws(SnapshotRefusal) in try self.files.store(floors: floors) }
            case .withdraw: self.served = nil
            }
        }
    }

    var refused: [ReportedRefusal] { self.client?.status.refused ?? [] }
    var codes: Set<String> { Set(self.refused.map(\.code)) }

    /// Every file below the node's folder, by path.
    func disk() throws -> [String: Data] {
        var files: [String: Data] = [:]
        let root = self.folder.url.appending(path: "snapshot")
        for path in try FileManager.default.subpathsOfDirectory(atPath: root.path(percentEncoded: false)) {
            let url = root.appending(path: path)
            if try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
                files[path] = try Data(contentsOf: url)
            }
        }
        return files
    }

    func file(_ name: String) -> URL { self.folder.url.appending(path: "snapshot/\(name)") }

    private func compile(
        _ verifier: SnapshotVerifier,
        _ manifest: Verified<Manifest>,
        _ fetched: [Digest: [UInt8]]
    ) -> Result<SnapshotContent, SnapshotRefusal> {
        do {
            return .success(try verifier.content(of: manifest) { fetched[$0] ?? self.files.blob($0) })
        } catch {
            return .failure(error)
        }
    }

    private static func refusal(_ work: () throws(SnapshotRefusal) -> Void) -> SnapshotRefusal? {
        do {
            try work()
            return nil
        } catch {
            return error
        }
    }
}

/// The control plane, or whoever stands in its place.
final class Origin: SnapshotSources {
    struct State {
        var head: [UInt8]?
        var etag: String?
        var blobs: [Digest: [UInt8]] = [:]
        var roots: [UInt64: [UInt8]] = [:]
        /// Answers instead of everything else.
        var replies: [@Sendable (String) -> Result<OutgoingResponse, OutgoingFault>?] = []
        var asked: [String] = []
        var deadSources: Set<Int> = []
        var observer: (@Sendable (Int) -> Void)?
        var count = 1
    }

    let state = Mutex(State())

    var count: Int { self.state.withLock { $0.count } }
    var asked: [String] { self.state.withLock { $0.asked } }

    func offer(_ publication: Recipe.Publication, etag: String) {
        self.state.withLock { state in
            state.head = publication.head
            state.etag = etag
            state.blobs.merge(publication.blobs) { _, new in new }
        }
    }

    func set(_ change: (inout State) -> Void) { self.state.withLock { change(&$0) } }

    /// From now on, paths for which `reply` has an answer get that one.
    func answer(_ reply: @escaping @Sendable (String) -> Result<OutgoingResponse, OutgoingFault>?) {
        self.state.withLock { $0.replies.append(reply) }
    }

    /// Tells which source is asked.
    func observe(_ observer: @escaping @Sendable (Int) -> Void) { self.set { $0.observer = observer } }

    func answerHonestly() { self.state.withLock { $0.replies = [] } }

    func get(
        _ path: String,
        from source: Int,
        headers: [OutgoingHeader],
        timeout: Duration,
        replyBytesMax: Int
    ) async throws(OutgoingFault) -> OutgoingResponse {
        #expect(timeout <= .seconds(60), "every call has an overall deadline")
        let reply: Result<OutgoingResponse, OutgoingFault> = self.state.withLock { state in
            state.asked.append(path)
            state.observer?(source)
            if state.deadSources.contains(source) { return .failure(OutgoingFault(.connect, "refused")) }
            for reply in state.replies.reversed() {
                if let reply = reply(path) { return reply }
            }
            return .success(Self.honest(path, headers, state))
        }
        let response = try reply.get()
        // As the client on the wire does: reading stops at the bound.
        guard response.body.count <= replyBytesMax else {
            throw OutgoingFault(.tooLarge, "over \(replyBytesMax) bytes")
        }
        return response
    }

    private static func honest(_ path: String, _ headers: [OutgoingHeader], _ state: State) -> OutgoingResponse {
        let body: [UInt8]?
        if path == "/node/v1/head" {
            let wanted = headers.first { $0.name == "if-none-match" }?.value
            if let wanted, wanted == state.etag { return OutgoingResponse(status: 304) }
            body = state.head
        } else if path.hasPrefix("/node/v1/roots/") {
            body = UInt64(path.dropFirst("/node/v1/roots/".count)).flatMap { state.roots[$0] }
        } else {
            body = Digest(hex: String(path.dropFirst("/node/v1/blobs/".count))).flatMap { state.blobs[$0] }
        }
        guard let body else { return OutgoingResponse(status: 404) }
        let etag = path == "/node/v1/head" ? state.etag.map { [OutgoingHeader("etag", $0)] } ?? [] : []
        return OutgoingResponse(status: 200, headers: etag, body: body)
    }
}
