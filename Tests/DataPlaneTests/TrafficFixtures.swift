import Crypto
import Domain
import Synchronization
import Testing

@testable import DataPlane

/// The key that every fixture snapshot knows.
let goodKey = "mk_test-key-of-the-demo-team"

extension Snapshot {
    /// One team, one role for everything, and a route `assistant` over `models` in their order.
    static func fixture(
        providers: [Provider]? = nil,
        models: [Model]? = nil,
        timeouts: Timeouts = Timeouts(),
        retryBilled: Bool = false,
        hangUp: Route.HangUp = .drain,
        teamMetadata: [String: String] = [:],
        prompts: [Prompt] = [],
        issuers: [Issuer] = [],
        budgets: [Budget] = [],
        limits: [Limit] = [],
        maxOutput: Int64 = Route.maxOutputDefault,
        revoked: Bool = false
    ) throws -> Snapshot {
        let providers = try providers ?? [.fixture()]
        let models = try models ?? providers.map { try .fixture($0.name.text) }
        var sections = SnapshotSections()
        sections.providers = providers
        sections.models = models
        let names = models.map(\.name)
        sections.routes = [
            Route(
                name: try name("assistant"),
                rules: [.init(use: [names[0]], fallback: Array(names.dropFirst()))],
                maxOutput: maxOutput,
                timeouts: timeouts,
                retryBilled: retryBilled,
                hangUp: hangUp
            ),
            Route(name: try name("forbidden"), rules: [.init(use: names)]),
        ]
        sections.prompts = prompts
        sections.issuers = issuers
        sections.budgets = budgets
        sections.limits = limits
        sections.teams = [Team(name: try name("demo"), metadata: teamMetadata)]
        sections.roles = [
            Role(
                name: try name("everyone"),
                routes: [try #require(NamePattern("assistant"))],
                models: [try #require(NamePattern("one/*"))]
            )
        ]
        let key = APIKey(
            id: try #require(ID("key-1")),
            digest: try #require(Digest(SHA256.hash(data: Array(goodKey.utf8)))),
            team: try name("demo"),
            roles: [try name("everyone")],
            expires: nil
        )
        sections.keys = [key]
        return Snapshot(
            version: SnapshotVersion(epoch: 1, sequence: 42, headVersion: 57),
            content: try SnapshotContent(sections),
            denyList: DenyList(number: 1, revokedKeys: revoked ? [key.id] : [])
        )
    }
}

func name<Subject>(_ text: String) throws -> Name<Subject> { try #require(Name(text)) }

extension Provider {
    static func fixture(
        _ text: String = "one",
        url: String = "http://127.0.0.1:9/v1",
        credential: Credential = .none
    ) throws -> Provider {
        Provider(
            name: try DataPlaneTests.name(text),
            dialect: .openAICompatible,
            baseURL: try #require(BaseURL(url)),
            region: "local",
            jurisdictions: ["LOCAL"],
            credential: credential
        )
    }
}

extension Model {
    /// A dollar a million input tokens, two a million output tokens.
    static func fixture(
        _ provider: String = "one",
        context: Int64 = 8_192,
        maxOutput: Int64 = 1_024
    ) throws -> Model {
        Model(
            name: try DataPlaneTests.name("\(provider)/small"),
            provider: try DataPlaneTests.name(provider),
            upstream: "upstream-\(provider)",
            prices: [
                Price(
                    version: 3,
                    from: Timestamp(unixMilliseconds: 0),
                    input: Money(nanoDollars: 1_000_000_000),
                    cachedInput: nil,
                    output: Money(nanoDollars: 2_000_000_000)
                )
            ],
            context: context,
            maxOutput: maxOutput,
            capabilities: [.chat, .stream]
        )
    }
}

/// Answers from a table; providers that are not in it need no credential.
struct FixedCredentials: Credentials {
    var answers: [String: CredentialAnswer] = [:]

    func value(for provider: Provider) -> CredentialAnswer { self.answers[provider.name.text] ?? .notNeeded }
}

/// Keeps what it is told, in order.
final class KeepingRecorder: UsageRecorder {
    private let kept = Mutex(Kept())

    struct Kept {
        var begun: [UsageEvent] = []
        var ended: [UsageEvent] = []
        var grown: [UsageEvent] = []
        var denied: [UsageEvent] = []
    }

    func begin(_ event: UsageEvent, onLoop loop: Int) -> AttemptMark {
        self.kept.withLock {
            $0.begun.append(event)
            return AttemptMark(loop: loop, slot: $0.begun.count - 1)
        }
    }

    func end(_ mark: AttemptMark, _ event: UsageEvent) { self.kept.withLock { $0.ended.append(event) } }

    func isProving(onLoop loop: Int) -> Bool { true }

    func grow(_ mark: AttemptMark, _ event: UsageEvent) { self.kept.withLock { $0.grown.append(event) } }

    func deny(_ event: UsageEvent) { self.kept.withLock { $0.denied.append(event) } }

    var all: Kept { self.kept.withLock { $0 } }
}

/// What a chat completion's texts look like on the wire.
enum Chat {
    static func request(stream: Bool = false, model: String = "assistant", more: String = "") -> String {
        #"{"model":"\#(model)","messages":[{"role":"user","content":"hi"}],"stream":\#(stream)\#(more)}"#
    }

    static let reply =
        #"{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}"#

    /// 10 tokens in and 5 out at the fixture's price.
    static let replyCost = "0.00002"

    static func chunk(_ text: String) -> String {
        #"data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"\#(text)"},"finish_reason":null}]}"#
            + "\n\n"
    }

    static let usage =
        #"data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}"#
        + "\n\n"
    static let done = "data: [DONE]\n\n"
    static let failure = #"data: {"error":{"message":"boom","type":"server_error"}}"# + "\n\n"
}
