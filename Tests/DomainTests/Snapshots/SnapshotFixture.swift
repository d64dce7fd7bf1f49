import Domain
import Testing

/// A small content that holds together; a test changes the one thing that it is about.
struct SnapshotFixture {
    var providers: [Provider]
    var models: [Model]
    var routes: [Route]
    var teams: [Team]
    var roles: [Role]
    var keys: [APIKey]

    init() throws {
        self.providers = [try Self.provider("local")]
        self.models = [try Self.model("local/small"), try Self.model("local/large")]
        self.routes = [try Self.route("assistant", use: ["local/small"], fallback: ["local/large", "local/small"])]
        self.teams = [Team(name: try #require(Name("demo")))]
        self.roles = [try Self.role("everyone", routes: ["*"], models: [])]
        self.keys = [try Self.key(1, roles: ["everyone"])]
    }

    var sections: SnapshotSections {
        SnapshotSections(
            providers: self.providers,
            models: self.models,
            routes: self.routes,
            teams: self.teams,
            roles: self.roles,
            keys: self.keys
        )
    }

    func snapshot(denyList: DenyList = DenyList()) throws -> Snapshot {
        Snapshot(
            version: SnapshotVersion(epoch: 1, sequence: 42, headVersion: 57),
            content: try SnapshotContent(self.sections),
            denyList: denyList
        )
    }

    static func provider(_ name: String) throws -> Provider {
        Provider(
            name: try #require(Name(name)),
            dialect: .openAICompatible,
            baseURL: try #require(BaseURL("http://127.0.0.1:8490/v1")),
            region: "local",
            jurisdictions: ["LOCAL"],
            credential: .none
        )
    }

    static func price(version: UInt32 = 1, from: Int64 = 0, input: Int64 = 100_000_000) -> Price {
        Price(
            version: version,
            from: Timestamp(unixMilliseconds: from),
            input: Money(nanoDollars: input),
            cachedInput: nil,
            output: Money(nanoDollars: 400_000_000)
        )
    }

    static func model(
        _ name: String,
        provider: String = "local",
        upstream: String = "upstream",
        prices: [Price] = [SnapshotFixture.price()],
        context: Int64 = 2_048,
        maxOutput: Int64 = 1_024,
        overheadTokens: Int64 = 0,
        imageTokensMax: Int64? = nil
    ) throws -> Model {
        Model(
            name: try #require(Name(name)),
            provider: try #require(Name(provider)),
            upstream: upstream,
            prices: prices,
            context: context,
            maxOutput: maxOutput,
            capabilities: [.chat, .stream],
            overheadTokens: overheadTokens,
            imageTokensMax: imageTokensMax
        )
    }

    static func route(
        _ name: String,
        use: [String],
        fallback: [String] = [],
        maxOutput: Int64 = 512,
        timeouts: Timeouts = Timeouts()
    ) throws -> Route {
        Route(
            name: try #require(Name(name)),
            rules: [
                Route.Rule(
                    use: try use.map { try #require(Name($0)) },
                    fallback: try fallback.map { try #require(Name($0)) }
                )
            ],
            maxOutput: maxOutput,
            timeouts: timeouts
        )
    }

    static func role(_ name: String, routes: [String], models: [String]) throws -> Role {
        Role(
            name: try #require(Name(name)),
            routes: try routes.map { try #require(NamePattern($0)) },
            models: try models.map { try #require(NamePattern($0)) }
        )
    }

    static func key(_ number: UInt8, team: String = "demo", roles: [String], expires: Int64? = nil) throws -> APIKey {
        APIKey(
            id: try #require(ID("key-\(number)")),
            digest: try #require(Digest([UInt8](repeating: number, count: 32))),
            team: try #require(Name(team)),
            roles: try roles.map { try #require(Name($0)) },
            expires: expires.map(Timestamp.init(unixMilliseconds:))
        )
    }
}
