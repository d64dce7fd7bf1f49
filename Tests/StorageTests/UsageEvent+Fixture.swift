import Domain
import Testing

extension UsageEvent {
    /// An event of which a test says only what it is about.
    static func fixture(
        _ number: Int,
        minute: Int64 = 0,
        user: String = "",
        tokens: TokenCounts = TokenCounts(input: 100, cachedInput: 0, output: 50),
        cost: Money = Money(nanoDollars: 30_000),
        postings: [LeasePosting] = []
    ) throws -> UsageEvent {
        UsageEvent(
            exchange: try #require(ID("exchange-\(number)")),
            attempt: 1,
            isLast: true,
            admitted: Timestamp(unixMilliseconds: minute * 60_000),
            caller: Caller(
                application: try #require(ApplicationID("key-1")),
                team: try #require(Name("demo")),
                user: user,
                task: ""
            ),
            target: Target(
                route: Name("assistant"),
                model: Name("local/small"),
                provider: Name("local"),
                priceVersion: 1,
                prompt: nil
            ),
            snapshot: SnapshotVersion(epoch: 1, sequence: 1, headVersion: 1),
            tokens: tokens,
            tokenSource: .provider,
            cost: cost,
            latency: Latency(firstToken: 500, provider: 1_000, total: 1_000),
            outcome: .answered,
            code: nil,
            upstreamStatus: 200,
            isStream: false,
            isUnconfirmed: false,
            postings: postings
        )
    }
}
