import ControlPlane
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Storage
import Synchronization
import Testing

/// The admin API on a database in memory, with the other rooms faked and a principal for every role.
struct APIHarness {
    let api: AdminAPI
    private let application: Hummingbird.Application<RouterResponder<AdminContext>>
    let clock = ManualClock()
    let listener = RecordingListener()
    let usage = CountedUsage()
    /// By role; `other` is a second author and approver, `demo-author` and `demo-viewer` are so for the team `demo` only.
    let tokens: [String: String]

    init(
        approvalsRequired: Int = 1,
        ownPorts: Set<Int> = [8_400, 8_401],
        issuers: (any IssuerFetcher)? = nil
    ) async throws {
        let database = try Database.inMemory(hash: Digest.sha256)
        let (clock, draws) = (self.clock, Counter())
        let identities = issuers.map {
            Issuers(database: database, keys: IssuerKeys($0, ownPorts: ownPorts, logger: .quiet))
        }
        self.api = AdminAPI(
            database: database,
            services: .init(
                listener: self.listener,
                snapshots: FakeSnapshots(),
                nodes: FakeNodes(),
                usage: self.usage,
                secrets: FakeSecrets(),
                identities: identities ?? NoIdentities()
            ),
            settings: .init(
                environment: try #require(ID("env-1")),
                approvalsRequired: approvalsRequired,
                ownPorts: ownPorts,
                clock: { clock.now },
                random: { count in draws.bytes(count) }
            )
        )
        self.application = Application(router: self.api.router())
        self.tokens = try await database.write { transaction in
            var tokens: [String: String] = [:]
            let demo: Name<Team> = try #require(Name("demo"))
            let accounts =
                PrincipalRole.allCases.map { ($0.rawValue, Grants(everywhere: [$0])) } + [
                    ("other", Grants(everywhere: [.author, .approver])),
                    ("demo-author", Grants(teams: [demo: [.author]])),
                    ("demo-viewer", Grants(teams: [demo: [.viewer]])),
                ]
            for (name, grants) in accounts {
                let deed = Deed(by: "system", at: Timestamp(unixMilliseconds: 0))
                let principal = PrincipalContent(name: try #require(Name(name)), grants: grants)
                try transaction.revise(
                    .principals,
                    name,
                    to: principal.json.canonical,
                    state: .approved,
                    expecting: .absent,
                    by: deed
                )
                tokens[name] = try transaction.mintToken(
                    for: principal.name,
                    expires: nil,
                    random: { draws.bytes($0) },
                    by: deed
                ).text
            }
            return tokens
        }
    }

    struct Answer {
        let status: Int
        let body: JSON
        let headers: HTTPFields

        var etag: String { self.headers[.eTag] ?? "" }
        var pointers: [String] {
            guard case .array(let errors) = self.body["errors"] else { return [] }
            return errors.compactMap { $0["pointer"]?.string }
        }
    }

    /// `body` is JSON text; `as` a principal's name, nil for nobody.
    func call(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String = "",
        as principal: String? = "admin",
        headers: [String: String] = [:]
    ) async throws -> Answer {
        var fields = HTTPFields()
        if let principal { fields[.authorization] = "Bearer \(self.tokens[principal] ?? principal)" }
        if !body.isEmpty { fields[.contentType] = "application/json" }
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        let (sent, buffer) = (fields, ByteBuffer(string: body))
        return try await self.application.test(.router) { client in
            try await client.execute(uri: path, method: method, headers: sent, body: buffer) { response in
                let text = Array(buffer: response.body)
                return Answer(
                    status: response.status.code,
                    body: text.isEmpty ? .null : try JSON.parse(text),
                    headers: response.headers
                )
            }
        }
    }

    func get(_ path: String, as principal: String? = "admin") async throws -> Answer {
        try await self.call(.get, path, as: principal)
    }

    /// A team, a role, a provider and an approved model, so that there is something to name.
    func fill() async throws {
        let bundle = """
            {"teams": [{"name": "demo"}], "roles": [{"name": "everyone", "routes": ["*"]}],
             "secrets": [{"name": "openai-key", "hosts": ["api.openai.com"]}],
             "providers": [
               {"name": "local", "dialect": "openai-compatible", "baseUrl": "http://127.0.0.1:8490/v1"},
               {"name": "openai", "dialect": "openai", "baseUrl": "https://api.openai.com/v1",
                "credential": {"secret": "openai-key"}, "jurisdictions": ["US"]}],
             "models": [\(Self.model)],
             "routes": [{"name": "assistant", "rules": [{"use": ["local/m"]}]}]}
            """
        let applied = try await self.call(.post, "/v1/apply", bundle, as: "author")
        #expect(applied.status == 200, "\(applied.body.canonical)")
        if self.api.settings.approvalsRequired > 0 {
            let approved = try await self.call(.post, "/v1/models/local%2Fm/approve", as: "approver")
            #expect(approved.status == 200, "\(approved.body.canonical)")
        }
    }

    /// Budgets and limits that name one of each kind that they can.
    func fillScopes() async throws {
        let made = try await self.call(.post, "/v1/keys", #"{"team": "demo", "roles": ["everyone"]}"#)
        let key = try #require(made.body["id"]?.string)
        let issuer = #"{"name": "corp", "issuer": "https://login.example.com", "audiences": ["martlet"]}"#
        #expect(try await self.call(.post, "/v1/issuers", issuer).status == 201)
        let scopes = [
            #"{"team": "demo", "key": "\#(key)"}"#, #"{"key": "corp:ci-runner"}"#,
            #"{"route": "assistant", "model": "local/m", "provider": "local"}"#,
        ]
        for (index, scope) in scopes.enumerated() {
            let budget = #"{"name": "b\#(index)", "scope": \#(scope), "amount": "1.00", "window": "day"}"#
            let limit = #"{"name": "l\#(index)", "scope": \#(scope), "concurrent": 1}"#
            for (path, body) in [("budgets", budget), ("limits", limit)] {
                let answer = try await self.call(.post, "/v1/\(path)", body)
                #expect(answer.status == 201, "\(answer.body.canonical)")
            }
        }
    }

    static let model = """
        {"name": "local/m", "upstream": "m", "context": 2048, "maxOutput": 1024, "capabilities": ["chat"],
         "price": {"input": "0.10", "output": "0.40"}}
        """

    func auditCount() async throws -> Int64 { try await self.api.database.read { try $0.auditHead()?.number ?? 0 } }
}

final class ManualClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_800_000_000_000)

    var now: Timestamp { Timestamp(unixMilliseconds: self.milliseconds.withLock { $0 }) }

    func advance(seconds: Int64) { self.milliseconds.withLock { $0 += seconds * 1_000 } }
}

/// Random bytes that are never the same twice, and always the same in the next run.
private final class Counter: Sendable {
    private let next = Mutex<UInt64>(1)

    func bytes(_ count: Int) -> [UInt8] {
        let number = self.next.withLock { next in
            next += 1
            return next
        }
        return (0..<count).map { UInt8(truncatingIfNeeded: number &* 0x9E37_79B9 >> UInt64($0 % 8 * 4)) }
    }
}

final class RecordingListener: ChangeListener {
    private let heard = Mutex<(content: Int, deny: Int)>((0, 0))

    func contentChanged() { self.heard.withLock { $0.content += 1 } }
    func denyListChanged() { self.heard.withLock { $0.deny += 1 } }

    var counts: [Int] { self.heard.withLock { [$0.content, $0.deny] } }
}

private struct FakeSnapshots: SnapshotKeeper {
    private func summary(_ sequence: UInt64) -> SnapshotSummary {
        SnapshotSummary(
            sequence: sequence,
            epoch: 1,
            headVersion: sequence,
            published: Timestamp(unixMilliseconds: 0),
            author: "system",
            comment: "",
            digest: .sha256([]),
            auditHead: nil,
            counts: ["catalog": 1],
            isCurrent: sequence == 3
        )
    }

    func snapshots(before sequence: UInt64?, limit: Int) -> [SnapshotSummary] {
        (1...3).reversed().filter { $0 < sequence ?? .max }.prefix(limit).map(self.summary)
    }

    func snapshot(_ sequence: UInt64) -> SnapshotSummary? { (1...3).contains(sequence) ? self.summary(sequence) : nil }
    func publish(by deed: Deed) throws -> SnapshotSummary { throw PublishingFault("the route assistant has no model") }
    func rollback(to sequence: UInt64, by deed: Deed) -> SnapshotSummary? { sequence == 1 ? self.summary(4) : nil }
    func lastFault() async -> String? { nil }
    func auditWitnesses() -> [AuditHead] { [] }
}

private struct NoIdentities: IdentityVerifier {
    func caller(with token: String, at now: Timestamp) throws -> Caller { throw Problem(401, "none", "", "") }
}

private struct FakeNodes: NodeKeeper {
    func nodes(after: ID<Node>?, limit: Int) -> [NodeSummary] { [] }
    func node(_ id: ID<Node>) -> NodeSummary? { nil }
    func drain(_ id: ID<Node>, by deed: Deed) -> NodeSummary? { nil }
    func ban(_ id: ID<Node>, by deed: Deed) -> NodeSummary? { nil }
    func liveness(at now: Timestamp) -> (live: Int, silent: Int) { (2, 1) }

    func mintToken(uses: Int, ttlMilliseconds: Int64, pool: String, by deed: Deed) -> JoinTokenGrant {
        let expires = deed.at.advanced(byMilliseconds: ttlMilliseconds)
        return JoinTokenGrant(id: "j1", text: "mj1.secret", expires: expires, uses: uses)
    }
}

/// One row for everybody, and none for whoever may see only some teams.
final class CountedUsage: UsageReporter {
    private let reads = Mutex(0)

    /// How often it was asked since the last time that this was.
    func takeReads() -> Int {
        self.reads.withLock { reads in
            defer { reads = 0 }
            return reads
        }
    }

    func usage(_ query: UsageQuery) -> [[UsageRow]] {
        self.reads.withLock { $0 += 1 }
        return query.groupings.map { query.teams == nil ? [Self.row(query.from, $0)] : [] }
    }

    private static func row(_ time: Timestamp, _ grouping: UsageQuery.Grouping) -> UsageRow {
        UsageRow(
            time: time,
            group: grouping.by.map(\.rawValue),
            exchanges: 2,
            attempts: 3,
            answered: 2,
            failed: 1,
            denied: 0,
            unconfirmed: 0,
            tokens: TokenCounts(input: 0, output: nil),
            cost: Money(nanoDollars: 1_500_000_000),
            latency: Histogram()
        )
    }
}

/// Seals by turning the bytes round, and keeps them where the real ones are.
private struct FakeSecrets: SecretKeeper {
    func seal(_ value: [UInt8], of name: Name<Secret>, version: UInt64) -> [UInt8] { value.reversed() }

    func keep(
        _ sealed: [UInt8],
        of name: Name<Secret>,
        version: UInt64,
        in transaction: Transaction,
        by deed: Deed
    ) throws {
        try transaction.setSecret(SealedSecretValue(name: name, version: version, sealed: sealed), by: deed)
    }

    func version(of name: Name<Secret>, in reading: Reading) throws -> UInt64? {
        let version = try reading.secretVersion(name)
        return version == 0 ? nil : version
    }
}

extension Logger {
    static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}

extension JSON {
    func names(_ member: String) -> [String] {
        if case .array(let items) = self { items.compactMap { $0[member]?.string } } else { [] }
    }
}
