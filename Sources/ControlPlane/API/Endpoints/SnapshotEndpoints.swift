import Domain
import Storage

extension AdminAPI {
    var snapshotEndpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/snapshots",
                .read,
                "List snapshots, newest first.",
                reply: "SnapshotPage",
                query: ["limit", "after"],
                .ask { call in
                    let (limit, before) = (try call.pageSize(), try call.afterNumber())
                    let snapshots = try await self.services.snapshots.snapshots(
                        before: before.map { UInt64(clamping: $0) },
                        limit: limit + 1
                    )
                    return .page(snapshots, limit: limit, cursor: { String($0.sequence) }, json: Self.json)
                }
            ),
            Endpoint(
                .get,
                "/snapshots/{seq}",
                .read,
                "Show a snapshot.",
                reply: "SnapshotItem",
                .ask { call in
                    let sequence = try Self.sequence(call)
                    guard let snapshot = try await self.services.snapshots.snapshot(sequence) else {
                        throw Problem.notFound("snapshot \(sequence)")
                    }
                    return Reply(200, Self.json(snapshot))
                }
            ),
            Endpoint(
                .post,
                "/snapshots",
                .publish,
                "Publish what is in force now.",
                body: "Reason",
                isBodyRequired: false,
                reply: "SnapshotItem",
                statuses: [201],
                .ask { call in
                    let deed = call.deed(reason: try call.reason())
                    return Reply(201, Self.json(try await self.services.snapshots.publish(by: deed)))
                }
            ),
            Endpoint(
                .post,
                "/snapshots/{seq}/rollback",
                .publish,
                "Publish the content of an older snapshot under a new number.",
                body: "Reason",
                isBodyRequired: false,
                reply: "SnapshotItem",
                statuses: [201],
                .ask { call in
                    let (sequence, deed) = (try Self.sequence(call), call.deed(reason: try call.reason()))
                    guard let snapshot = try await self.services.snapshots.rollback(to: sequence, by: deed) else {
                        throw Problem.notFound("snapshot \(sequence)")
                    }
                    return Reply(201, Self.json(snapshot))
                }
            ),
        ]
    }

    private static func sequence(_ call: Call) throws -> UInt64 {
        guard let sequence = UInt64(call.parameter("seq")) else {
            throw Problem.notFound("snapshot \(call.parameter("seq")): snapshots have numbers")
        }
        return sequence
    }

    private static func json(_ snapshot: SnapshotSummary) -> JSON {
        .object([
            "seq": .number(snapshot.sequence), "epoch": .number(snapshot.epoch),
            "headVersion": .number(snapshot.headVersion), "published": .string(snapshot.published.rfc3339),
            "author": .string(snapshot.author), "comment": .string(snapshot.comment),
            "sha256": .string(snapshot.digest.hex), "isCurrent": .bool(snapshot.isCurrent),
            "auditHead": snapshot.auditHead.map {
                .object(["number": .number($0.number), "hash": .string($0.hash.hex)])
            } ?? .null,
            "counts": .object(snapshot.counts.mapValues { .number($0) }),
        ])
    }
}
