import ControlPlane
import Domain
import Storage
import Testing
import Wire

extension UsageEvent {
    /// An event of which a test says only what it is about.
    static func fixture(
        _ number: Int,
        admitted: Timestamp = Timestamp(unixMilliseconds: 1_795_000_000_000),
        team: String = "demo",
        caller: String = "key-1",
        user: String = "",
        task: String = "",
        model: String? = "local/small",
        tokens: TokenCounts = TokenCounts(input: 100, cachedInput: 0, output: 50),
        cost: Int64 = 30_000,
        priceVersion: UInt32? = 1,
        outcome: Outcome = .answered,
        latency: Int64 = 1_000,
        prompt: PromptChoice? = nil,
        isUnconfirmed: Bool = false,
        tokenSource: TokenCounts.Source? = nil,
        postings: [LeasePosting] = []
    ) throws -> UsageEvent {
        UsageEvent(
            exchange: try #require(ID("exchange-\(number)")),
            attempt: outcome == .denied ? 0 : 1,
            isLast: true,
            admitted: admitted,
            caller: Caller(
                application: try #require(ApplicationID(caller)),
                team: try #require(Name(team)),
                user: user,
                task: task
            ),
            target: Target(
                route: Name("assistant"),
                model: try model.map { try #require(Name($0)) },
                provider: try model.map { _ in try #require(Name("local")) },
                priceVersion: model == nil ? nil : priceVersion,
                prompt: prompt
            ),
            snapshot: SnapshotVersion(epoch: 1, sequence: 1, headVersion: 1),
            tokens: tokens,
            tokenSource: tokenSource ?? (tokens == .unknown ? .unknown : .provider),
            cost: Money(nanoDollars: cost),
            latency: Latency(firstToken: latency / 2, provider: latency, total: latency),
            outcome: outcome,
            code: outcome == .answered ? nil : .upstreamError,
            upstreamStatus: 200,
            isStream: false,
            isUnconfirmed: isUnconfirmed,
            postings: postings
        )
    }
}

/// A boot's whole stream, from which batches are cut.
struct TestStream {
    let node: ID<Node>
    let boot: ID<Boot>
    private(set) var records: [UsageBatch.Record] = []

    init(node: String = "node-1", boot: String = "boot-1") throws {
        self.node = try #require(ID(node))
        self.boot = try #require(ID(boot))
    }

    mutating func append(_ content: UsageRecord.Content) {
        let sequence = UInt64(self.records.count + 1)
        self.records.append(UsageBatch.Record(sequence: sequence, bytes: UsageCodec.encode(content)))
    }

    /// Records `range` (from 0), with the digest of what comes before; as it goes over the wire.
    func batch(_ range: Range<Int>) throws -> UsageBatch {
        let chain = UsageChain.start.appending(Array(self.records[..<range.lowerBound]))
        let batch = UsageBatch(boot: self.boot, records: Array(self.records[range]), chain: chain)
        return try UsageBatch.decode(batch.encoded())
    }
}

extension ControlPlaneUnderTest {
    func usage(
        by dimensions: [UsageQuery.Dimension] = [],
        from: Int64 = 0,
        to: Int64 = 4_000_000_000_000,
        step: Int64? = nil
    ) async throws -> [UsageRow] {
        let reports = UsageReports(database: self.database)
        let rows = try await reports.usage(
            UsageQuery(
                [UsageQuery.Grouping(by: dimensions, stepMilliseconds: step)],
                from: Timestamp(unixMilliseconds: from),
                to: Timestamp(unixMilliseconds: to)
            )
        )
        return rows[0]
    }
}
