import Domain
import TestSupport
import Wire

/// What a test's own constants always have.
func must<Value>(_ value: Value?, line: UInt = #line) -> Value {
    guard let value else { preconditionFailure("a constant of the test at line \(line) is not what it should be") }
    return value
}

enum Sample {
    static let environment: ID<Environment> = must(ID("prod"))
    static let node: ID<Node> = must(ID("node-1"))
    static let time = Timestamp(unixMilliseconds: 1_764_000_000_000)
    static let digest = Digest.sha256(of: [1, 2, 3])
    static let signingKey = SigningKey.generate()

    static var root: Root {
        let key = signingKey.verifyingKey
        let role = Root.RoleKeys([key.keyID])
        return Root(
            environment: environment,
            version: 1,
            epochMin: 1,
            expires: Timestamp(unixMilliseconds: 2_000_000_000_000),
            keys: [key],
            root: role,
            release: role,
            freshness: role
        )
    }

    static var head: Head {
        let reference = ManifestRef(sequence: 7, blob: BlobRef(digest: digest, size: 100))
        return Head(
            environment: environment,
            position: HeadPosition(epoch: 1, headVersion: 9),
            issued: time,
            freshUntil: time.advanced(byMilliseconds: 90_000),
            rootVersion: 1,
            stable: reference,
            boot: reference,
            denyList: BlobRef(digest: digest, size: 20),
            denyListNumber: 3,
            liveNodes: 2,
            pacing: Head.Pacing(spread: 1, reconnectSpread: 2, usageFlush: 3, statusInterval: 4)
        )
    }

    static var manifest: Manifest {
        Manifest(
            environment: environment,
            epoch: 1,
            sequence: 7,
            floorSequence: 3,
            author: "ann",
            approvals: ["bob"],
            previous: digest,
            auditNumber: 12,
            auditHash: digest,
            sections: [
                Manifest.SectionRef(
                    kind: "catalog",
                    shard: 0,
                    blob: BlobRef(digest: digest, size: 9),
                    isCritical: true
                ),
                Manifest.SectionRef(kind: "keys", shard: 3, blob: BlobRef(digest: digest, size: 8), isCritical: false),
            ],
            published: time,
            comment: "more models"
        )
    }

    static var denyList: SignedDenyList {
        SignedDenyList(
            environment: environment,
            list: DenyList(
                number: 4,
                revokedKeys: [must(ID("k1")), must(ID("k2"))],
                bannedNodes: [node],
                stoppedModels: [must(Name("local/small"))]
            )
        )
    }

    static var floors: Floors {
        var floors = Floors(head: HeadPosition(epoch: 1, headVersion: 2))
        floors.note(head)
        floors.note(denyListOf: head)
        floors.note(manifest, digest: digest)
        return floors
    }

    static var status: NodeStatus {
        NodeStatus(
            version: "1.0",
            snapshot: SnapshotVersion(epoch: 1, sequence: 2, headVersion: 3),
            manifest: digest,
            freshUntil: time,
            refused: [
                ReportedRefusal(
                    SnapshotRefusal(.compile, .payloadInvalid, "why"),
                    sequence: 8,
                    digest: digest,
                    at: time
                )
            ],
            spooled: 5,
            openExchanges: 6,
            isDraining: true,
            secrets: ["openai-key@2"],
            warnings: ["disk full"]
        )
    }

    static func event(_ outcome: UsageEvent.Outcome = .answered) -> UsageEvent {
        UsageEvent(
            exchange: must(ID("x-1")),
            attempt: 2,
            isLast: true,
            admitted: time,
            caller: .init(
                application: must(ApplicationID("k1")),
                team: must(Name("demo")),
                user: "ann",
                task: "legal",
                metadata: ["a": "b", "c": "d"]
            ),
            target: .init(
                route: must(Name("assistant")),
                model: must(Name("local/small")),
                provider: must(Name("local")),
                priceVersion: 1,
                providerRequest: "req-1"
            ),
            snapshot: SnapshotVersion(epoch: 1, sequence: 2, headVersion: 3),
            tokens: TokenCounts(input: 10, cachedInput: 0, output: nil),
            tokenSource: .provider,
            cost: Money(nanoDollars: 12_345),
            latency: .init(firstToken: 1_000, provider: 2_000, total: 3_000),
            outcome: outcome,
            code: outcome == .answered ? nil : .upstreamError,
            upstreamStatus: 200,
            isStream: true,
            isUnconfirmed: false
        )
    }

    /// Any event that could be: numbers of every length, texts of none to several bytes a letter, fields that are absent.
    static func anyEvent(using random: inout SeededGenerator) -> UsageEvent {
        func number(_ bits: Int) -> Int64 {
            Int64(
                UInt64.random(in: 0...UInt64.max, using: &random)
                    >> UInt64(64 - Int.random(in: 1...bits, using: &random))
            )
        }
        func maybe<Value>(_ value: @autoclosure () -> Value) -> Value? {
            Bool.random(using: &random) ? value() : nil
        }
        func text(_ letters: String, _ lengths: ClosedRange<Int>) -> String {
            String(
                (0..<Int.random(in: lengths, using: &random)).compactMap { _ in letters.randomElement(using: &random) }
            )
        }
        func words(_ length: Int) -> String { text("aZ0 é€\u{1F600}\0", 0...length) }
        func name<Subject>(_: Subject.Type) -> Name<Subject> {
            must(Name((0..<Subject.nameSegments).map { _ in text("abc", 1...20) }.joined(separator: "/")))
        }
        let metadata = (0..<Int.random(in: 0...4, using: &random)).reduce(into: [String: String]()) { pairs, _ in
            pairs[words(9)] = words(90)
        }
        var tokens = TokenCounts(input: maybe(number(29)), cachedInput: maybe(number(8)), output: maybe(number(1)))
        for kind in TokenKind.allCases where tokens[kind] == nil { tokens[kind] = maybe(number(29)) }
        tokens.serviceTier = maybe(must(ServiceTier.allCases.randomElement(using: &random)))
        return UsageEvent(
            exchange: must(ID(text("xyz-", 1...36))),
            attempt: UInt32(number(32)),
            isLast: Bool.random(using: &random),
            admitted: Timestamp(unixMilliseconds: number(40)),
            caller: .init(
                application: must(ApplicationID(text("k1:", 1...36))),
                team: name(Team.self),
                user: words(300),
                task: words(9),
                metadata: metadata
            ),
            target: .init(
                route: maybe(name(Route.self)),
                model: maybe(name(Model.self)),
                provider: maybe(name(Provider.self)),
                priceVersion: maybe(UInt32(number(32))),
                providerRequest: words(40),
                prompt: maybe(PromptChoice(prompt: name(Prompt.self), number: UInt32(number(20))))
            ),
            snapshot: SnapshotVersion(
                epoch: UInt64(number(20)),
                sequence: UInt64(number(63)),
                headVersion: UInt64(number(63))
            ),
            tokens: tokens,
            tokenSource: must(TokenCounts.Source.allCases.randomElement(using: &random)),
            cost: Money(nanoDollars: number(63)),
            latency: .init(firstToken: maybe(number(30)), provider: number(40), total: number(63)),
            outcome: must(UsageEvent.Outcome.allCases.randomElement(using: &random)),
            code: maybe(must(Fault.Code.allCases.randomElement(using: &random))),
            upstreamStatus: maybe(UInt32(number(10))),
            isStream: Bool.random(using: &random),
            isUnconfirmed: Bool.random(using: &random),
            postings: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                LeasePosting(
                    budget: name(Budget.self),
                    unit: text("aé ", 0...48),
                    window: text("month/0-", 1...16),
                    lease: UInt64(number(63))
                )
            }
        )
    }

    /// One that has everything.
    private static var tariff: Tariff {
        func rates(from first: Int64) -> Rates {
            var next = first
            return must(
                Rates { _ in
                    next += 1
                    return Money(nanoDollars: next)
                }
            )
        }
        let sparse = Rates(input: Money(nanoDollars: 1), output: Money(nanoDollars: 2))
        return Tariff(
            rates(from: 10),
            perCall: Money(nanoDollars: 5),
            others: [
                RateTable(sparse, aboveInputTokens: 100), RateTable(rates(from: 30), of: .priority),
                RateTable(sparse, of: .flex), RateTable(rates(from: 50), of: .flex, aboveInputTokens: 200),
            ]
        )
    }

    static func sections(keys: Int = 3) -> SnapshotSections {
        let small: Name<Model> = must(Name("local/small"))
        return SnapshotSections(
            providers: [provider(.none, "local"), provider(.secret(must(Name("openai-key"))), "openai")],
            models: [
                Model(
                    name: small,
                    provider: must(Name("local")),
                    upstream: "small-1",
                    prices: [
                        Price(
                            version: 1,
                            from: time,
                            input: Money(nanoDollars: 1),
                            cachedInput: .zero,
                            output: Money(nanoDollars: 3)
                        ),
                        Price(version: 2, from: time, input: .zero, cachedInput: nil, output: .zero),
                        Price(version: 3, from: time, tariff: self.tariff),
                    ],
                    context: 2_048,
                    maxOutput: 1_024,
                    capabilities: [.chat, .stream],
                    overheadTokens: 7,
                    imageTokensMax: 1_500
                )
            ],
            routes: [
                Route(
                    name: must(Name("assistant")),
                    rules: [.init(use: [small], fallback: [small])],
                    retryBilled: true,
                    hangUp: .cancel
                )
            ],
            teams: [
                Team(name: must(Name("demo")), metadata: ["data_class": "internal"]), Team(name: must(Name("other"))),
            ],
            roles: [
                Role(
                    name: must(Name("everyone")),
                    routes: [must(NamePattern("*"))],
                    models: [must(NamePattern("local/*"))],
                    explain: true
                ),
                Role(name: must(Name("nobody")), routes: [], models: []),
            ],
            keys: (0..<keys).map(key).sorted { $0.digest < $1.digest }
        )
    }

    static func key(_ number: Int) -> APIKey {
        APIKey(
            id: must(ID("key-\(number)")),
            digest: Digest.sha256(of: Array("mk_\(number)".utf8)),
            team: must(Name(number.isMultiple(of: 2) ? "demo" : "other")),
            roles: number.isMultiple(of: 3)
                ? [must(Name("everyone")), must(Name("nobody"))] : [must(Name("everyone"))],
            expires: number.isMultiple(of: 5) ? time : nil
        )
    }

    private static func provider(_ credential: Provider.Credential, _ name: String) -> Provider {
        Provider(
            name: must(Name(name)),
            dialect: .openAI,
            baseURL: must(BaseURL("https://api.\(name).com/v1")),
            region: "us-east",
            jurisdictions: ["US"],
            credential: credential
        )
    }

    /// Every decoder of bytes from outside, with an example that it accepts.
    static let decoders: [(name: String, example: [UInt8], decode: @Sendable ([UInt8]) throws -> Void)] = [
        ("root", root.encoded(), { _ = try Root.decode($0) }), ("head", head.encoded(), { _ = try Head.decode($0) }),
        ("manifest", manifest.encoded(), { _ = try Manifest.decode($0) }),
        ("deny list", denyList.encoded(), { _ = try SignedDenyList.decode($0) }),
        ("floors", floors.encoded(), { _ = try Floors.decode($0) }),
        (
            "envelope", Envelope.signed(head.encoded(), type: .head, by: [signingKey]).encoded(),
            { _ = try Envelope.decode($0, expecting: .head) }
        ),
        ("status", status.encoded(), { _ = try NodeStatus.decode($0) }),
        ("refusal", NodeRefusal(.busy, "later").encoded(), { _ = try NodeRefusal.decode($0) }),
        ("enrol request", enrollRequest.encoded(), { _ = try EnrollRequest.decode($0) }),
        ("enrol reply", enrollReply.encoded(), { _ = try EnrollReply.decode($0) }),
        ("secrets", sealedSecrets.encoded(), { _ = try SealedSecrets.decode($0) }),
        ("usage content", UsageCodec.encode(.event(event())), { _ = try UsageCodec.read($0) }),
        ("usage batch", batch.encoded(), { _ = try UsageBatch.decode($0) }),
        ("ack", UsageAck(ackedThrough: 7).encoded(), { _ = try UsageAck.decode($0) }),
        ("rewind", UsageRewind(expectedSequence: 7, isFenced: true).encoded(), { _ = try UsageRewind.decode($0) }),
        ("lease call", LeaseCodec.encode(leaseCall), { _ = try LeaseCodec.call($0) }),
        ("lease answer", LeaseCodec.encode(leaseGrants, limits: limitAnswer), { _ = try LeaseCodec.answer($0) }),
        ("stored roots", StoredRoots.encode([[1, 2], [3]]), { _ = try StoredRoots.decode($0) }),
        ("stored snapshot", storedSnapshot.encoded(), { _ = try StoredSnapshot.decode($0) }),
        ("stored trial", storedTrial.encoded(), { _ = try StoredTrial.decode($0) }),
    ]

    static let leaseCall = LeaseCall(
        asks: [
            LeaseAsk(
                budget: must(Name("demo-month")),
                unit: "ann",
                lease: 1,
                returned: Money(nanoDollars: 1),
                used: Money(nanoDollars: 2),
                held: Money(nanoDollars: 3),
                reservation: Money(nanoDollars: 4),
                demand: 5
            ), LeaseAsk(budget: must(Name("all")), lease: .max >> 1),
        ],
        waiting: [[LeaseWish(lease: 1, amount: Money(nanoDollars: 6)), LeaseWish(lease: 9, amount: .zero)], []],
        limits: limitCall
    )
    static let limitCall = LimitCall(
        round: 7,
        asks: [
            LimitAsk(
                LimitKey(must(Name("demo-rate")), unit: "ann"),
                holds: LimitAmounts(requests: 1, tokens: 2, concurrent: 3),
                demand: LimitAmounts(requests: LimitAmounts.amountMax, tokens: 5, concurrent: 6)
            ), LimitAsk(LimitKey(must(Name("demo-rate"))), holds: .zero, demand: .zero),
        ]
    )
    static let limitAnswer = LimitAnswer(
        round: 7,
        validMilliseconds: 15_000,
        shares: [
            LimitShare(
                LimitKey(must(Name("demo-rate")), unit: "ann"),
                LimitAmounts(requests: 1, tokens: 2, concurrent: 3)
            ),
            LimitShare(LimitKey(must(Name("demo-rate"))), .zero),
        ]
    )
    static let leaseGrants = [
        LeaseGrant(
            account: BudgetAccount(
                budget: must(Name("demo-month")),
                unit: "ann",
                window: BudgetWindow(
                    name: "month/2026-11",
                    start: time,
                    end: Timestamp(unixMilliseconds: time.unixMilliseconds + 1)
                )
            ),
            lease: 1,
            granted: .max,
            keep: Money(nanoDollars: 2),
            validMilliseconds: 900_000,
            left: Money(nanoDollars: 3)
        ),
        LeaseGrant(
            account: BudgetAccount(
                budget: must(Name("all")),
                window: BudgetWindow(name: "total", start: Timestamp(unixMilliseconds: 0), end: nil)
            ),
            lease: 2,
            granted: .zero,
            keep: .zero,
            validMilliseconds: 0,
            left: .zero
        ),
    ]

    static let sealingKey = SealingKey.generate()
    static let enrollRequest = EnrollRequest(
        tokenID: must(ID("t1")),
        tokenSecret: "secret",
        signingKey: signingKey.verifyingKey,
        sealingKey: sealingKey.publicKey,
        name: "host-1",
        version: "1.0"
    )
    static let enrollReply = EnrollReply(
        node: node,
        environment: environment,
        roots: [Envelope.signed(root.encoded(), type: .root, by: [signingKey]).encoded()],
        floor: HeadPosition(epoch: 1, headVersion: 5)
    )
    static let sealedSecrets = SealedSecrets([
        must(
            try? SealedSecret.seal(
                Array("sk-test".utf8),
                name: must(Name("openai-key")),
                version: 3,
                hosts: ["api.openai.com"],
                environment: environment,
                node: node,
                to: sealingKey.publicKey
            )
        )
    ])
    static let batch = UsageBatch(
        boot: must(ID("b1")),
        records: [
            .init(sequence: 4, bytes: UsageCodec.encode(.event(event()))),
            .init(sequence: 5, bytes: UsageCodec.encode(.closed(StreamEnd(lastSequence: 4, machineWentDown: true)))),
        ],
        chain: .start
    )
    static let storedSnapshot = StoredSnapshot(
        head: [1, 2, 3],
        active: head.stable,
        previous: head.boot,
        etag: "\"e\""
    )
    static let storedTrial = StoredTrial(
        manifest: head.stable,
        activated: time,
        uncleanEnds: 1,
        isSettled: true,
        crashed: head.boot
    )
}
