import ControlPlane
import Crypto
import Domain
import Logging
import Platform
import Storage
import TestSupport
import Testing
import Wire

/// A whole control plane without listeners: a real database, real keys in a folder of its own, a clock to choose.
struct ControlPlaneUnderTest {
    let folder: TemporaryFolder
    let database: Database
    let files: KeyFiles
    let opened: OpenedInstallation
    let services: ControlPlaneServices
    let timing: Timing

    enum Place: CaseIterable, Sendable {
        case memory
        case file
    }

    init(
        _ place: Place = .memory,
        timing: Timing = .system,
        solo: Bool = true,
        issuers: any IssuerFetcher = NoIssuer()
    ) async throws {
        self.folder = try TemporaryFolder()
        self.database =
            switch place {
            case .memory: try Database.inMemory(hash: { .sha256($0) })
            case .file: try Database.open(path: "\(self.folder.path)/control.sqlite", hash: { .sha256($0) })
            }
        self.files = KeyFiles(directory: "\(self.folder.path)/keys")
        _ = try await Founding(database: self.database, files: self.files, timing: timing)
            .found(approvalsRequired: solo ? 0 : 1, random: { RandomBytes.draw($0) })
        self.timing = timing
        self.opened = try await OpenedInstallation.open(self.database, files: self.files)
        self.services = try await Self.services(self.database, self.files, timing, issuers)
    }

    /// Another control plane on the database file at `path`, with the keys of `other`.
    init(_ path: String, like other: ControlPlaneUnderTest) async throws {
        self.folder = other.folder
        self.database = try Database.open(path: path, hash: { .sha256($0) })
        self.files = other.files
        self.timing = other.timing
        self.opened = try await OpenedInstallation.open(self.database, files: self.files)
        self.services = try await Self.services(self.database, self.files, self.timing, NoIssuer())
    }

    private static func services(
        _ database: Database,
        _ files: KeyFiles,
        _ timing: Timing,
        _ issuers: any IssuerFetcher
    ) async throws -> ControlPlaneServices {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try ControlPlaneServices(
            try await OpenedInstallation.open(database, files: files),
            database: database,
            settings: ControlPlaneServices.Settings(ownPorts: [], timing: timing, fetcher: issuers),
            logger: logger
        )
    }

    var deed: Deed { Deed(by: "ann", at: self.timing.now()) }

    /// Writes one thing that takes effect at once.
    func write(_ kind: Kind, _ name: String, _ content: String, state: Revision.State = .approved) async throws {
        let deed = self.deed
        try await self.database.write { transaction in
            _ = try transaction.revise(kind, name, to: content, state: state, expecting: .anything, by: deed)
        }
    }

    /// A team with a role, a provider, an approved model, a route and a key; enough for a first answer.
    func writeFirstCatalog() async throws {
        try await self.write(.teams, "demo", #"{"name":"demo"}"#)
        try await self.write(.roles, "everyone", #"{"name":"everyone","routes":["*"],"models":[]}"#)
        try await self.write(.providers, "local", Self.provider)
        try await self.write(.models, "local/small", Self.model("local/small"))
        try await self.write(.routes, "assistant", Self.route(use: ["local/small"]))
        try await self.writeKey("key-1", digest: Self.digest(1))
    }

    func writeKey(_ id: String, digest: Domain.Digest) async throws {
        let deed = self.deed
        let key = try #require(ID<APIKey>(id))
        let content = #"{"id":"\#(id)","team":"demo","roles":["everyone"]}"#
        try await self.database.write { transaction in
            _ = try transaction.revise(.keys, id, to: content, state: .approved, expecting: .anything, by: deed)
            try transaction.rotate(key, to: digest, overlapEnd: deed.at, by: deed)
        }
    }

    static let provider =
        #"{"name":"local","dialect":"openai-compatible","baseUrl":"http://127.0.0.1:8490/v1","jurisdictions":["LOCAL"]}"#

    static func model(_ name: String, price: Bool = true, input: String = "0.10") -> String {
        let price = price ? #","price":{"input":"\#(input)","cachedInput":"0.05","output":"0.40"}"# : ""
        return
            #"{"name":"\#(name)","upstream":"small","context":2048,"maxOutput":1024,"capabilities":["chat"]\#(price)}"#
    }

    static func route(_ name: String = "assistant", use: [String], fallback: [String] = []) -> String {
        func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ",") }
        return #"{"name":"\#(name)","rules":[{"use":[\#(list(use))],"fallback":[\#(list(fallback))]}]}"#
    }

    static func digest(_ number: UInt8) -> Domain.Digest { .sha256([number]) }

    /// What a node makes of what hangs on the board, by its own rules, from nothing but the pinned root.
    func asNodeSees(floors: Floors = Floors(head: HeadPosition(epoch: 0, headVersion: 0))) async throws -> NodeView {
        let signed = try #require(self.services.board.current())
        let roots = try await self.database.read { try $0.rootEnvelopes() }
        let trust = try RootChain(roots, pin: self.opened.trust.pin)
        let verifier = SnapshotVerifier(trust: trust, floors: floors, purpose: .delivery(now: self.timing.now()))
        let head = try verifier.head(signed.bytes)
        let manifestBytes = try await self.blob(head.value.stable.blob.digest)
        let manifest = try verifier.manifest(manifestBytes, reference: head.value.stable, under: head)
        let denied = try verifier.denyList(try await self.blob(head.value.denyList.digest), under: head)
        var blobs: [Domain.Digest: [UInt8]] = [:]
        for section in manifest.value.sections {
            blobs[section.blob.digest] = try await self.blob(section.blob.digest)
        }
        let content = try verifier.content(of: manifest) { blobs[$0] }
        return NodeView(signed: signed, head: head.value, manifest: manifest.value, content: content, denied: denied)
    }

    private func blob(_ digest: Domain.Digest) async throws -> [UInt8] {
        try #require(try await self.database.read { try $0.blob(digest) })
    }
}

struct NodeView {
    let signed: SignedHead
    let head: Head
    let manifest: Manifest
    let content: SnapshotContent
    let denied: DenyList

    var snapshot: Snapshot {
        let version = SnapshotVersion(
            epoch: self.head.position.epoch,
            sequence: self.manifest.sequence,
            headVersion: self.head.position.headVersion
        )
        return Snapshot(version: version, content: self.content, denyList: self.denied)
    }
}
