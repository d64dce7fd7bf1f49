import Domain
import Foundation
import Wire

/// A node's last status as it lies in the database.
struct StoredStatus: Codable, Hashable, Sendable {
    var version: String
    var epoch: UInt64?
    var seq: UInt64?
    var headVersion: UInt64?
    var manifest: String?
    var freshUntil: Int64?
    var refused: [Refusal]
    var spooled: UInt64
    var openExchanges: UInt64
    var isDraining: Bool
    var secrets: [String]
    var warnings: [String]

    struct Refusal: Codable, Hashable, Sendable {
        var stage: String
        var code: String
        var detail: String
        var seq: UInt64
        var at: Int64
    }

    init(_ status: NodeStatus) {
        self.version = status.version
        self.epoch = status.snapshot?.epoch
        self.seq = status.snapshot?.sequence
        self.headVersion = status.snapshot?.headVersion
        self.manifest = status.manifest?.hex
        self.freshUntil = status.freshUntil?.unixMilliseconds
        self.refused = status.refused.map {
            Refusal(
                stage: $0.stage,
                code: $0.code,
                detail: $0.detail,
                seq: $0.sequence,
                at: $0.at.unixMilliseconds
            )
        }
        self.spooled = status.spooled
        self.openExchanges = status.openExchanges
        self.isDraining = status.isDraining
        self.secrets = status.secrets
        self.warnings = status.warnings
    }

    func json() throws -> String { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }

    init(json: String) throws { self = try JSONDecoder().decode(StoredStatus.self, from: Data(json.utf8)) }

    var snapshot: SnapshotVersion? {
        guard let epoch = self.epoch, let seq = self.seq, let headVersion = self.headVersion else { return nil }
        return SnapshotVersion(epoch: epoch, sequence: seq, headVersion: headVersion)
    }
}
