import Domain
import Wire

/// One installation's throw-away keys, and what can be signed with them.
struct House {
    static let start = Timestamp(unixMilliseconds: 1_764_000_000_000)
    /// Ten years after `start`.
    static let rootExpiry = start.advanced(byMilliseconds: 315_360_000_000)

    let environment: ID<Environment> = must(ID("prod"))
    let rootKeys = (0..<3).map { _ in SigningKey.generate() }
    /// K1, K2, K3.
    let releaseKeys = (0..<3).map { _ in SigningKey.generate() }
    let freshnessKey = SigningKey.generate()
    /// K9, whom nobody knows.
    let stranger = SigningKey.generate()

    func root(
        version: UInt64 = 1,
        epochMin: UInt64 = 1,
        expires: Timestamp = House.rootExpiry,
        root: [SigningKey]? = nil,
        rootThreshold: Int = 1,
        release: [SigningKey]? = nil,
        releaseThreshold: Int = 1,
        freshness: [SigningKey]? = nil
    ) -> Root {
        let root = root ?? [self.rootKeys[0]]
        let release = release ?? [self.releaseKeys[0]]
        let freshness = freshness ?? [self.freshnessKey]
        func role(_ keys: [SigningKey], _ threshold: Int) -> Root.RoleKeys {
            Root.RoleKeys(Set(keys.map(\.keyID)), threshold: threshold)
        }
        return Root(
            environment: self.environment,
            version: version,
            epochMin: epochMin,
            expires: expires,
            keys: (root + release + freshness).map(\.verifyingKey),
            root: role(root, rootThreshold),
            release: role(release, releaseThreshold),
            freshness: role(freshness, 1)
        )
    }

    func signed(_ root: Root, by keys: [SigningKey]? = nil) -> [UInt8] {
        Envelope.signed(root.encoded(), type: .root, by: keys ?? [self.rootKeys[0]]).encoded()
    }

    /// A small whole configuration; `tag` makes the contents of one publication differ from another's.
    static func sections(tag: String) -> SnapshotSections {
        let model: Name<Model> = must(Name("local/small"))
        return SnapshotSections(
            providers: [
                Provider(
                    name: must(Name("local")),
                    dialect: .openAICompatible,
                    baseURL: must(BaseURL("http://127.0.0.1:8490/v1")),
                    region: tag,
                    jurisdictions: ["LOCAL"],
                    credential: .none
                )
            ],
            models: [
                Model(
                    name: model,
                    provider: must(Name("local")),
                    upstream: "small",
                    prices: [
                        Price(
                            version: 1,
                            from: Timestamp(unixMilliseconds: 0),
                            input: Money(nanoDollars: 100_000_000),
                            cachedInput: nil,
                            output: Money(nanoDollars: 400_000_000)
                        )
                    ],
                    context: 2_048,
                    maxOutput: 1_024,
                    capabilities: [.chat, .stream]
                )
            ],
            routes: [Route(name: must(Name("assistant")), rules: [Route.Rule(use: [model])])],
            teams: [Team(name: must(Name("demo")))],
            roles: [Role(name: must(Name("everyone")), routes: [must(NamePattern("*"))], models: [])],
            keys: [
                APIKey(
                    id: must(ID("key-1")),
                    digest: Digest.sha256(of: Array("mk_test".utf8)),
                    team: must(Name("demo")),
                    roles: [must(Name("everyone"))],
                    expires: nil
                )
            ]
        )
    }
}

/// What a test's own constants always have.
func must<Value>(_ value: Value?, line: UInt = #line) -> Value {
    guard let value else { preconditionFailure("a constant of the test at line \(line) is not what it should be") }
    return value
}
