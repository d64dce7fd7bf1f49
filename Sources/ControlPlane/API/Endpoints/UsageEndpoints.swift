import Domain
import Storage

extension AdminAPI {
    var usageEndpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/usage",
                .read,
                "What was used and what it cost. A token count that nobody knows is null, never 0.",
                reply: "UsageReport",
                query: ["by", "from", "to", "step"],
                reach: .anywhere,
                .ask { call in
                    let grouping = UsageQuery.Grouping(
                        by: try Self.dimensions(call.query["by"]),
                        stepMilliseconds: try call.query["step"].map(Self.step)
                    )
                    let query = try Self.usageQuery([grouping], call)
                    let rows = try await self.rows(query)
                    return Reply(200, Self.json(query, grouping, rows[0]))
                }
            ),
            Endpoint(
                .get,
                "/usage/overview",
                .read,
                "What was used in all, step by step, by model and by team, from one reading.",
                reply: "UsageOverview",
                query: ["from", "to", "step"],
                reach: .anywhere,
                .ask(self.overview)
            ),
            Endpoint(
                .get,
                "/status",
                .read,
                "The control plane and its fleet at a glance.",
                reply: "Status",
                reach: .anywhere,
                .ask(self.status)
            ),
        ]
    }

    @Sendable private func overview(_ call: Call) async throws -> Reply {
        let step = try call.query["step"].map(Self.step) ?? Self.hourMilliseconds
        let parts: [(String, UsageQuery.Grouping)] = [
            ("total", .init()), ("steps", .init(stepMilliseconds: step)), ("models", .init(by: [.model])),
            ("teams", .init(by: [.team])),
        ]
        let query = try Self.usageQuery(parts.map(\.1), call)
        let shown = zip(parts, try await self.rows(query)).map { part, rows in
            (part.0, JSON.array(rows.map { Self.json($0, part.1) }))
        }
        let span: JSON = .object([
            "from": .string(query.from.rfc3339), "to": .string(query.to.rfc3339), "stepSeconds": .number(step / 1_000),
        ])
        return Reply(200, span.merging(Dictionary(shown) { first, _ in first }))
    }

    /// As many as there are, or a refusal: a part would look like the whole.
    private func rows(_ query: UsageQuery) async throws -> [[UsageRow]] {
        let rows = try await self.services.usage.usage(query)
        guard rows.allSatisfy({ $0.count <= UsageQuery.rowsMax }) else {
            throw Problem.badQuery("by", "gives more than \(UsageQuery.rowsMax) rows: ask for less at once")
        }
        return rows
    }

    @Sendable private func status(_ call: Call) async throws -> Reply {
        let current = try await self.services.snapshots.snapshots(before: nil, limit: 1).first
        let fault = await self.services.snapshots.lastFault()
        let (live, silent) = try await self.services.nodes.liveness(at: call.now)
        let open = try await self.database.read { try $0.openProposals() }
        return Reply(
            200,
            .object([
                "environment": .string(self.settings.environment.text),
                "snapshot": current.map { .string("\($0.sequence).\($0.headVersion)") } ?? .null,
                "lastPublishError": fault.map(JSON.string) ?? .null,
                "nodes": .object(["live": .number(live), "silent": .number(silent)]),
                "proposals": .object(["open": .number(open)]),
                "approvalsRequired": .number(self.settings.approvalsRequired),
            ])
        )
    }

    // MARK: - The question

    private static let dayMilliseconds: Int64 = 86_400_000
    private static let hourMilliseconds: Int64 = 3_600_000
    private static let minuteMilliseconds: Int64 = 60_000

    private static func usageQuery(_ groupings: [UsageQuery.Grouping], _ call: Call) throws -> UsageQuery {
        let to = try self.time("to", call) ?? call.now
        let from = try self.time("from", call) ?? to.advanced(byMilliseconds: -self.dayMilliseconds)
        guard from < to else { throw Problem.badQuery("from", "must be before `to`") }
        let steps = groupings.compactMap(\.stepMilliseconds)
        if steps.contains(where: { to.milliseconds(since: from) / $0 >= Int64(UsageQuery.rowsMax) }) {
            throw Problem.badQuery("step", "gives more than \(UsageQuery.rowsMax) steps: take a longer one")
        }
        return UsageQuery(
            groupings,
            from: from,
            to: to,
            teams: call.caller.grants.teams(permitting: .read)
        )
    }

    private static func time(_ name: String, _ call: Call) throws -> Timestamp? {
        guard let text = call.query[name] else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw Problem.badQuery(name, "must be an RFC 3339 time in UTC such as 2027-01-31T00:00:00Z")
        }
        return time
    }

    private static func dimensions(_ text: String?) throws -> [UsageQuery.Dimension] {
        guard let text, !text.isEmpty else { return [] }
        let dimensions = try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let dimension = UsageQuery.Dimension(rawValue: String(word)) else {
                let known = UsageQuery.Dimension.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem.badQuery("by", "knows \(known); not \(word)")
            }
            return dimension
        }
        guard Set(dimensions).count == dimensions.count else { throw Problem.badQuery("by", "names one twice") }
        return dimensions
    }

    /// `1m`, `6h`, `7d`: whole minutes, because that is what is kept.
    private static func step(_ text: String) throws -> Int64 {
        let units: [Character: Int64] = ["m": 1, "h": 60, "d": 1_440]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (1...1_000_000).contains(count)
        else { throw Problem.badQuery("step", "must be whole minutes, hours or days such as 1m, 6h, 7d") }
        return count * unit * self.minuteMilliseconds
    }

    // MARK: - The answer

    private static func json(_ query: UsageQuery, _ grouping: UsageQuery.Grouping, _ rows: [UsageRow]) -> JSON {
        .object([
            "by": .array(grouping.by.map { .string($0.rawValue) }),
            "from": .string(query.from.rfc3339), "to": .string(query.to.rfc3339),
            "stepSeconds": grouping.stepMilliseconds.map { .number($0 / 1_000) } ?? .null,
            "rows": .array(rows.map { self.json($0, grouping) }),
        ])
    }

    private static func json(_ row: UsageRow, _ grouping: UsageQuery.Grouping) -> JSON {
        func milliseconds(_ q: Double, of latency: Histogram) -> JSON {
            guard let micros = latency.quantile(q) else { return .null }
            return .number(String((micros / 100).rounded() / 10))
        }
        func quantiles(of latency: Histogram) -> JSON {
            let shares = ["p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99]
            return .object(shares.mapValues { milliseconds($0, of: latency) })
        }
        var members: [String: JSON] = [
            "start": .string(row.time.rfc3339), "exchanges": .number(row.exchanges), "attempts": .number(row.attempts),
            "answered": .number(row.answered), "failed": .number(row.failed), "denied": .number(row.denied),
            "unconfirmed": .number(row.unconfirmed), "costUsd": .string(row.cost.dollars),
            "unknownCounts": .number(row.unknownCounts), "costMismatches": .number(row.costMismatches),
            "latencyMs": quantiles(of: row.latency), "firstTokenMs": quantiles(of: row.firstToken),
        ]
        for kind in TokenKind.allCases {
            members["\(kind.rawValue)Tokens"] = row.tokens[kind].map { .number($0) } ?? .null
        }
        for (dimension, value) in zip(grouping.by, row.group) { members[dimension.rawValue] = .string(value) }
        return .object(members)
    }
}
