package import Domain
import Wire

/// What a restore has done and what is lost: the audit entry's detail, and what the operator reads.
package struct RestoreReport: Hashable, Sendable {
    package let environment: ID<Domain.Environment>
    package let epoch: UInt64
    /// Of the first snapshot that will be published.
    package let nextSeq: UInt64
    let made: Timestamp?
    /// Nil where loss was accepted.
    let fence: Source?
    let carried: CarriedDenials
    /// Archived with the tokens.
    let issuers: [String]
    /// Of the one token of a principal that is good; nil where all are as they were.
    package let tokenPath: String?

    /// The node whose word was taken.
    struct Source: Hashable, Sendable {
        let directory: String
        let position: HeadPosition
        let seq: UInt64
        let auditNumber: UInt64
        let auditHash: Digest?
        /// Snapshots that it has seen and the backup has not.
        let lost: UInt64

        init(_ fence: NodeFence, lost: UInt64) {
            self.directory = fence.directory
            self.position = fence.position
            self.seq = fence.marks.seq
            self.auditNumber = fence.manifest.auditNumber
            self.auditHash = fence.manifest.auditHash
            self.lost = lost
        }
    }

    var json: JSON {
        var members: [String: JSON] = [
            "epoch": .number(self.epoch), "nextSeq": .number(self.nextSeq),
            "backedUp": self.made.map { .string($0.rfc3339) } ?? .null, "lossAccepted": .bool(self.fence == nil),
            "tokensRevoked": .bool(self.tokenPath != nil), "archivedIssuers": .array(self.issuers.map(JSON.string)),
        ]
        if let fence = self.fence {
            members["fromNode"] = .object([
                "head": .string("\(fence.position)"), "seq": .number(fence.seq), "lostSnapshots": .number(fence.lost),
                "auditNumber": .number(fence.auditNumber),
                "auditHash": fence.auditHash.map { .string($0.hex) } ?? .null,
            ])
            members["revokedKeys"] = .array(self.carried.keys.map(JSON.string))
            members["stoppedModels"] = .array(self.carried.models.map(JSON.string))
            members["bannedNodes"] = .array(self.carried.nodes.map(JSON.string))
            members["rotatedTexts"] = .number(self.carried.texts)
            members["lostKeys"] = .array(self.carried.lostKeys.map(JSON.string))
        }
        return .object(members)
    }

    package var lines: [String] {
        var lines = [
            "environment  \(self.environment)",
            "backed up    \(self.made?.rfc3339 ?? "unknown")",
            "epoch        \(self.epoch); the first snapshot in it is \(self.nextSeq)",
        ]
        lines +=
            self.fence.map(self.lines(of:)) ?? [
                "fence        none: loss was accepted, and the audit log says so",
                "  what was revoked, stopped or banned since the backup is allowed again: do it again, now",
            ]
        if let path = self.tokenPath {
            lines.append("admin token  \(path); all other tokens of principals are revoked")
            if !self.issuers.isEmpty {
                lines.append(
                    "issuers      archived, add those that you trust still: \(self.issuers.joined(separator: ", "))"
                )
            }
        } else {
            lines.append(
                "tokens       principals' tokens that were revoked, and issuers that were removed, since the backup are good"
            )
            lines.append("             again: revoke and remove them, or restore with --revoke-tokens")
        }
        return lines + [
            "join tokens  all ended: make new ones",
            "nodes        those that enrolled since the backup are unknown: they serve what they have until they enrol",
            "             again (stop the node, remove node.key from its --data, start it with a new join token)",
            "usage        nodes send again what the backup does not have, as far back as their spools go (24 h)",
        ]
    }

    private func lines(of fence: Source) -> [String] {
        func line(_ label: String, _ names: [String]) -> [String] {
            names.isEmpty ? [] : ["  \(label): \(names.joined(separator: ", "))"]
        }
        var lines = ["fence        \(fence.directory) (head \(fence.position), snapshot \(fence.seq))"]
        lines += line("keys revoked again", self.carried.keys)
        lines += line("models stopped again", self.carried.models)
        lines += line("nodes banned again", self.carried.nodes)
        if self.carried.texts > 0 { lines.append("  texts of rotated keys taken over: \(self.carried.texts)") }
        if fence.lost > 0 {
            lines.append("  lost: what was written for \(fence.lost) snapshots since the backup; write it again")
        }
        return lines + line("lost keys, unknown here: make new ones for their users", self.carried.lostKeys)
    }
}
