import ControlPlane
import Domain
import HTTPTypes
import Storage
import Testing

@Suite struct ApplyAPITests {
    private static let yaml = ["Content-Type": "application/yaml"]

    /// The bundle of the contract, without what this version does not know yet.
    private static let bundle = """
        teams:     [{name: demo, metadata: {data_class: internal}}]
        roles:     [{name: everyone, routes: ["*"], models: [], explain: true}]
        secrets:   [{name: openai-key, hosts: [api.openai.com]}]
        providers:
          - {name: local, dialect: openai-compatible, baseUrl: "http://127.0.0.1:8490/v1", region: local, jurisdictions: [LOCAL]}
          - {name: openai, dialect: openai, baseUrl: "https://api.openai.com/v1", region: us-east, jurisdictions: [US], credential: {secret: openai-key}}
        models:
          - name: local/smollm2
            upstream: smollm2-135m-instruct          # the provider's own name
            price: {input: "0.10", cachedInput: "0.05", output: "0.40"}
            context: 2048
            maxOutput: 1024
            capabilities: [chat, stream]
        routes:
          - name: assistant
            maxOutput: 512
            rules:
              - use: [local/smollm2]
        """

    private func actions(_ answer: APIHarness.Answer) -> [String] {
        guard case .array(let changes) = answer.body["changes"] else { return [answer.body.canonical] }
        return changes.compactMap { $0["action"]?.string }
    }

    @Test func `a bundle is taken as a whole, says what waits for whom, and changes nothing the second time`()
        async throws
    {
        let harness = try await APIHarness()
        let first = try await harness.call(.post, "/v1/apply", Self.bundle, as: "author", headers: Self.yaml)
        #expect(self.actions(first) == ["create", "create", "create", "create", "create", "propose", "create"])
        guard case .array(let waiting) = first.body["waiting"] else { return }
        #expect(waiting.count == 1)
        #expect(waiting[0]["detail"] == "1 more approval by somebody other than author")
        let entries = try await harness.auditCount()
        let heard = harness.listener.counts
        let second = try await harness.call(.post, "/v1/apply", Self.bundle, as: "author", headers: Self.yaml)
        #expect(self.actions(second) == Array(repeating: "unchanged", count: 7))
        #expect(second.body["waiting"] == first.body["waiting"])
        #expect(try await harness.auditCount() == entries)
        #expect(harness.listener.counts == heard)
        _ = try await harness.call(.post, "/v1/models/local%2Fsmollm2/approve", as: "approver")
        let third = try await harness.call(.post, "/v1/apply", Self.bundle, as: "author", headers: Self.yaml)
        #expect(self.actions(third) == Array(repeating: "unchanged", count: 7))
        #expect(third.body["waiting"] == [])
    }

    @Test func `a dry run tells the same and does nothing`() async throws {
        let harness = try await APIHarness()
        let (entries, heard) = (try await harness.auditCount(), harness.listener.counts)
        let dry = try await harness.call(.post, "/v1/apply?dryRun=true", Self.bundle, as: "author", headers: Self.yaml)
        #expect(dry.status == 200)
        #expect(dry.body["dryRun"] == true)
        #expect(try await harness.auditCount() == entries)
        #expect(harness.listener.counts == heard)
        #expect(try await harness.get("/v1/teams").body["items"] == [])
        let real = try await harness.call(.post, "/v1/apply", Self.bundle, as: "author", headers: Self.yaml)
        #expect(self.actions(dry) == self.actions(real))
        let changed = Self.bundle.replacing("maxOutput: 512", with: "maxOutput: 256")
        let diff = try await harness.call(.post, "/v1/apply?dryRun=true", changed, as: "author", headers: Self.yaml)
        guard case .array(let changes) = diff.body["changes"] else { return }
        #expect(changes.last?["diff"] == [["path": "/maxOutput", "before": 512, "after": 256]])
        #expect(try await harness.call(.post, "/v1/apply?dryRun=yes", "{}").status == 400)
        #expect(try await harness.call(.post, "/v1/apply?dryrun=true", "{}").status == 400)
    }

    @Test func `one bad entry and nothing of the bundle is taken; all that is wrong is said`() async throws {
        let harness = try await APIHarness()
        let entries = try await harness.auditCount()
        let bad = """
            {"teams": [{"name": "good"}, {"name": "BAD"}, {"name": "good"}],
             "providers": [{"name": "p", "dialect": "openai", "baseUrl": "https://a", "colour": "red"}],
             "routes": [{"name": "r", "rules": [{"use": ["a/b"], "when": "x"}]}], "gadgets": []}
            """
        let answer = try await harness.call(.post, "/v1/apply", bad, as: "author")
        #expect(answer.status == 422)
        let pointers = ["/teams/1/name", "/teams/2", "/providers/0/colour", "/routes/0/rules/0/when", "/gadgets"]
        #expect(Set(answer.pointers) == Set(pointers))
        let dangling = """
            {"teams": [{"name": "good"}], "routes": [{"name": "r", "rules": [{"use": ["a/b"]}]}],
             "providers": [{"name": "p", "dialect": "openai", "baseUrl": "http://169.254.169.254/"}]}
            """
        let second = try await harness.call(.post, "/v1/apply", dangling, as: "author")
        #expect(Set(second.pointers) == ["/routes/0/rules/0/use/0", "/providers/0/baseUrl"])
        #expect(try await harness.auditCount() == entries)
        #expect(try await harness.get("/v1/teams").body["items"] == [])
    }

    @Test func `what is exported changes nothing when it is applied, and holds no secret's value`() async throws {
        let harness = try await APIHarness(approvalsRequired: 0)
        try await harness.fill()
        _ = try await harness.call(.put, "/v1/secrets/openai-key/value", #"{"value": "sk-very-secret"}"#)
        let prompt = #"{"messages": [{"role": "system", "content": "Greet {{who}}."}], "notes": "first"}"#
        #expect(try await harness.call(.post, "/v1/prompts/greeting/versions", prompt).status == 201)
        let exported = try await harness.get("/v1/export", as: "viewer")
        #expect(exported.status == 200)
        let text = exported.body.canonical
        for word in ["demo", "everyone", "api.openai.com", "local/m", "assistant", "Greet {{who}}."] {
            #expect(text.contains(word), "\(word)")
        }
        #expect(!text.contains("sk-very-secret"))
        let applied = try await harness.call(.post, "/v1/apply", text, as: "author")
        guard case .array(let changes) = applied.body["changes"] else {
            Issue.record("\(applied.body.canonical)")
            return
        }
        #expect(changes.count == 8)
        #expect(changes.allSatisfy { $0["action"] == "unchanged" }, "\(applied.body.canonical)")
    }

    @Test func `what is not built yet, or never stands in a bundle, is refused by name`() async throws {
        let harness = try await APIHarness()
        for kind in ["policies", "keys", "principals"] {
            let answer = try await harness.call(.post, "/v1/apply", "{\"\(kind)\": [{\"name\": \"a\"}]}")
            #expect(answer.pointers == ["/\(kind)"], "\(kind)")
        }
    }

    @Test func `YAML that is not what it seems is refused`() async throws {
        let harness = try await APIHarness()
        let bad = [
            "teams: [", "teams: [{name: a, name: b}]", "? [a]\n: b", "- a", "teams: {a: b}", "{}\n---\n{}",
            "teams: [{name: 12}]", "teams: [{name: true}]", "teams: *nothing",
        ]
        for text in bad {
            let answer = try await harness.call(.post, "/v1/apply", text, headers: Self.yaml)
            #expect([400, 422].contains(answer.status), "\(text): \(answer.status)")
        }
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1..<9 {
            let alias = "*a\(level - 1)"
            bomb += "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ","))]\n"
        }
        #expect(try await harness.call(.post, "/v1/apply", bomb, headers: Self.yaml).status == 400)
        #expect(try await harness.call(.post, "/v1/keys", "team: a", headers: Self.yaml).status == 415)
    }
}
