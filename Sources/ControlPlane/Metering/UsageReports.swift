import Domain
package import Storage

/// Answers `GET /v1/usage` from the sums.
package struct UsageReports: UsageReporter {
    private let database: Database

    package init(database: Database) { self.database = database }

    package func usage(_ query: UsageQuery) async throws -> [[UsageRow]] {
        let dimensions = query.groupings.map { $0.by.compactMap { UsageDimension(rawValue: $0.rawValue) } }
        let groupings = zip(query.groupings, dimensions).map { grouping, dimensions in
            UsageGrouping(by: Set(dimensions), stepMilliseconds: grouping.stepMilliseconds)
        }
        let sums = try await self.database.read { reading in
            try reading.usage(
                by: groupings,
                from: query.from,
                to: query.to,
                teams: query.teams.map { Set($0.map(\.text)) },
                limit: UsageQuery.rowsMax + 1
            )
        }
        return zip(sums, dimensions).map { sums, dimensions in
            sums.map { sum in UsageRow(sum, group: dimensions.map { sum.dimensions[$0] }) }
                .sorted { ($0.time, $0.group) < ($1.time, $1.group) }
        }
    }
}

extension UsageRow {
    fileprivate init(_ sum: UsageSum, group: [String]) {
        let totals = sum.totals
        let denied = totals.outcomes[.denied] ?? 0
        let answered = totals.outcomes[.answered] ?? 0
        self.init(
            time: sum.begin,
            group: group,
            exchanges: totals.requests,
            attempts: totals.events - denied,
            answered: answered,
            failed: totals.events - denied - answered,
            denied: denied,
            unconfirmed: totals.unconfirmed,
            tokens: totals.tokens,
            cost: totals.cost,
            latency: totals.totalLatency,
            unknownCounts: max(totals.input.absent, totals.output.absent),
            costMismatches: totals.costMismatches,
            firstToken: totals.firstToken
        )
    }
}

extension UsageTotals {
    fileprivate var tokens: TokenCounts {
        var tokens = self.rare
        tokens.input = self.input.count
        tokens.cachedInput = self.cachedInput.count
        tokens.output = self.output.count
        return tokens
    }
}

extension UsageTotals.TokenSum {
    /// Nil if no attempt knew its count.
    fileprivate var count: Int64? { self.known > 0 ? self.tokens : nil }
}

private func < (a: (Timestamp, [String]), b: (Timestamp, [String])) -> Bool {
    a.0 != b.0 ? a.0 < b.0 : a.1.lexicographicallyPrecedes(b.1)
}
