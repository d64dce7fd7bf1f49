import ControlPlane
import Domain
import HTTPTypes
import Storage
import TestSupport
import Testing

@Suite struct `Prompts over the admin API` {
    private static let path = "/v1/prompts/greeting"
    private static let first = #"{"messages": [{"role": "system", "content": "Greet {{who}}.\nBe kind."}]}"#
    private static let second =
        #"{"messages": [{"role": "system", "content": "Greet {{who}}.\nBe brief."}], "notes": "shorter"}"#

    /// One version that `production` stands for, agreed to by somebody else.
    private func harness(approvalsRequired: Int = 1) async throws -> APIHarness {
        let harness = try await APIHarness(approvalsRequired: approvalsRequired)
        let body = #"{"name": "greeting", "versions": [\#(Self.first)], "labels": {"production": 1}}"#
        let made = try await harness.call(.post, "/v1/prompts", body, as: "author")
        #expect(made.status == (approvalsRequired > 0 ? 202 : 201), "\(made.body.canonical)")
        if approvalsRequired > 0 { try await self.approve(harness) }
        return harness
    }

    private func approve(_ harness: APIHarness, as principal: String = "approver") async throws {
        let id = try #require(try await harness.get(Self.path).body["proposal"]?.string)
        let approved = try await harness.call(.post, "/v1/proposals/\(id)/approve", as: principal)
        #expect(approved.status == 200, "\(approved.body.canonical)")
    }

    private func inForce(_ harness: APIHarness) async throws -> Prompt {
        try await harness.api.database.read { reading in
            try Prompt.read(try #require(try reading.item(.prompts, "greeting")?.inForce))
        }
    }

    private func labels(_ harness: APIHarness) async throws -> JSON? {
        try await self.inForce(harness).json["labels"]
    }

    @Test func `a new version is in force at once, but no label stands for it`() async throws {
        let harness = try await self.harness()
        let added = try await harness.call(.post, "\(Self.path)/versions", Self.second, as: "author")
        #expect(added.status == 201)
        #expect(added.headers[.location] == "\(Self.path)/versions/2")
        #expect(try await self.inForce(harness).versions.count == 2)
        #expect(try await self.labels(harness) == ["production": 1])
    }

    @Test func `a first version makes a prompt that nothing stands for yet`() async throws {
        let harness = try await self.harness()
        let made = try await harness.call(.post, "/v1/prompts/other/versions", Self.first, as: "author")
        #expect(made.status == 201)
        #expect(made.headers[.location] == "/v1/prompts/other/versions/1")
        #expect(made.body["labels"] == [:])
        #expect(try await harness.call(.post, "/v1/prompts/Not%20a%20name/versions", Self.first).status == 422)
    }

    @Test func `the same version is not added again, its notes aside`() async throws {
        let harness = try await self.harness()
        let noted = #"{"notes": "again", \#(Self.first.dropFirst())"#
        let again = try await harness.call(.post, "\(Self.path)/versions", noted, as: "author")
        #expect(again.status == 200)
        #expect(again.headers[.location] == "\(Self.path)/versions/1")
        #expect(try await self.inForce(harness).versions.count == 1)
    }

    @Test func `a protected label moves only with somebody else's approval, another one at once`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.post, "\(Self.path)/versions", Self.second, as: "author")
        let staging = try await harness.call(.put, "\(Self.path)/labels/staging", #"{"version": 2}"#, as: "author")
        #expect(staging.status == 200)
        let split = #"{"weights": {"1": 90, "2": 10}}"#
        let moved = try await harness.call(.put, "\(Self.path)/labels/production", split, as: "other")
        #expect(moved.status == 202)
        #expect(try await self.labels(harness) == ["production": 1, "staging": 2])
        let shown = try await harness.get(Self.path).body
        #expect(shown["labelsInForce"] == ["production": 1, "staging": 2])
        let id = try #require(shown["proposal"]?.string)
        #expect(try await harness.call(.post, "/v1/proposals/\(id)/approve", as: "other").status == 409)
        try await self.approve(harness)
        let weights: JSON = ["weights": ["1": 90, "2": 10], "by": "user"]
        #expect(try await self.labels(harness) == ["production": weights, "staging": 2])
    }

    @Test func `a move that was refused is not repeated by whoever adds a version`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.post, "\(Self.path)/versions", Self.second, as: "author")
        _ = try await harness.call(.put, "\(Self.path)/labels/production", #"{"version": 2}"#, as: "author")
        let id = try #require(try await harness.get(Self.path).body["proposal"]?.string)
        #expect(try await harness.call(.post, "/v1/proposals/\(id)/reject", as: "approver").status == 200)
        let third = Self.second.replacing("brief", with: "funny")
        #expect(try await harness.call(.post, "\(Self.path)/versions", third, as: "author").status == 201)
        #expect(try await self.labels(harness) == ["production": 1])
        #expect(try await self.inForce(harness).versions.count == 3)
    }

    @Test func `protection cannot be taken off, or left out, without approval`() async throws {
        let harness = try await self.harness()
        let versions = #""versions": [\#(Self.first)]"#
        let bare = #"{"name": "greeting", \#(versions), "labels": {"production": 1}, "protected": []}"#
        let headers = ["If-Match": "*"]
        #expect(try await harness.call(.put, Self.path, bare, as: "author", headers: headers).status == 202)
        #expect(try await self.inForce(harness).protectedLabels.map(\.text) == ["production"])
        let fresh = #"{"name": "open", \#(versions), "labels": {"production": 1}, "protected": []}"#
        #expect(try await harness.call(.post, "/v1/prompts", fresh, as: "author").status == 202)
        let system = #"{"name": "greeting", \#(versions), "labels": {"production": 1}, "allowSystem": true}"#
        #expect(try await harness.call(.put, Self.path, system, as: "author", headers: headers).status == 202)
    }

    /// Whatever authors write, what production stands for is what an approver agreed to.
    @Test func `no sequence of an author's writes changes what a protected label stands for`() async throws {
        let harness = try await self.harness()
        var random = SeededGenerator.printed()
        for step in 0..<60 {
            let count = try await harness.get("\(Self.path)/versions").body["items"].map(Self.count) ?? 1
            let version = Int.random(in: 1...count, using: &random)
            let body = Self.second.replacing("brief", with: "word \(step)")
            let calls: [(HTTPRequest.Method, String, String)] = [
                (.post, "/versions", body), (.put, "/labels/production", #"{"version": \#(version)}"#),
                (.put, "/labels/staging", #"{"version": \#(version)}"#), (.delete, "/labels/production", ""),
                (.post, "/rollback", ""), (.delete, "/labels/staging", ""), (.delete, "", ""),
                (.put, "", try await self.written(harness, production: version)), (.post, "apply", ""),
            ]
            let (method, verb, text) = try #require(calls.randomElement(using: &random))
            let bundle =
                verb == "apply" ? #"{"prompts": [\#(try await self.written(harness, production: version))]}"# : text
            let answer = try await harness.call(
                method,
                verb == "apply" ? "/v1/apply" : Self.path + verb,
                bundle,
                as: "author",
                headers: method == .put && verb.isEmpty ? ["If-Match": "*"] : [:]
            )
            #expect(answer.status < 500, "\(verb): \(answer.body.canonical)")
            #expect(try await self.inForce(harness).json["labels"]?["production"] == 1, "\(method) \(verb)")
        }
    }

    /// The whole prompt as it is, but for what production stands for, and perhaps without protection.
    private func written(_ harness: APIHarness, production: Int) async throws -> String {
        let shown = try await harness.get(Self.path).body
        let members = ["name", "versions", "labels", "allowSystem"].map { ($0, shown[$0] ?? .null) }
        let body = JSON.object(Dictionary(members) { first, _ in first })
        let labels = (shown["labels"] ?? [:]).merging(["production": .number(production)])
        return body.merging(["labels": labels, "protected": production == 1 ? [] : ["production"]]).canonical
    }

    private static func count(_ json: JSON) -> Int {
        if case .array(let items) = json { items.count } else { 0 }
    }

    @Test func `who wrote a version does not approve that production stands for it, whoever asked`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.post, "\(Self.path)/versions", Self.second, as: "other")
        _ = try await harness.call(.put, "\(Self.path)/labels/production", #"{"version": 2}"#, as: "author")
        let id = try #require(try await harness.get(Self.path).body["proposal"]?.string)
        #expect(try await harness.call(.post, "/v1/proposals/\(id)/approve", as: "other").status == 409)
        #expect(try await harness.call(.post, "/v1/proposals/\(id)/approve", as: "approver").status == 200)
    }

    @Test func `an approver reads the texts that callers would be given`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.post, "\(Self.path)/versions", Self.second, as: "author")
        let split = #"{"weights": {"1": 90, "2": 10}}"#
        _ = try await harness.call(.put, "\(Self.path)/labels/production", split, as: "author")
        let id = try #require(try await harness.get(Self.path).body["proposal"]?.string)
        let lines: JSON = ["  [system]", "  Greet {{who}}.", "- Be kind.", "+ Be brief."]
        let texts: JSON = [["label": "production", "from": 1, "to": 2, "lines": lines]]
        #expect(try await harness.get("/v1/proposals/\(id)").body["texts"] == texts)
    }

    @Test func `what somebody has proposed is not overtaken by who has not seen it`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.put, "\(Self.path)/labels/production", #"{"weights": {"1": 5}}"#, as: "author")
        let shown = try await harness.get(Self.path)
        let id = try #require(shown.body["proposal"]?.string)
        let refused = try await harness.call(.post, "\(Self.path)/versions", Self.second, as: "other")
        #expect(refused.status == 409 && refused.body["detail"]?.string?.contains(id) == true)
        let seen = ["If-Match": shown.etag]
        let added = try await harness.call(.post, "\(Self.path)/versions", Self.second, as: "other", headers: seen)
        #expect(added.status == 201)
        #expect(try await harness.get("/v1/proposals/\(id)").body["state"] == "overtaken")
    }

    @Test func `prompts are listed in outline without any of their texts`() async throws {
        let harness = try await APIHarness()
        for name in ["one", "two"] {
            for body in [Self.first, Self.second] {
                _ = try await harness.call(.post, "/v1/prompts/\(name)/versions", body, as: "author")
            }
        }
        _ = try await harness.call(.put, "/v1/prompts/two/labels/staging", #"{"version": 2}"#, as: "author")
        let page = try await harness.get("/v1/outlines/prompts?limit=1", as: "viewer").body
        #expect(page["next"] == "one")
        let all = try await harness.get("/v1/outlines/prompts", as: "viewer").body
        guard case .array(let items) = all["items"] else {
            Issue.record("\(all.canonical)")
            return
        }
        #expect(items.map { $0["name"] } == ["one", "two"] && items.map { $0["versionCount"] } == [2, 2])
        #expect(items[1]["labelsInForce"] == ["staging": 2])
        #expect(items.allSatisfy { $0["versions"] == nil } && !all.canonical.contains("content"))
    }

    @Test func `an archived prompt goes on from its versions, with no label standing for any`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.delete, "\(Self.path)/labels/production", as: "author")
        try await self.approve(harness)
        #expect(try await harness.call(.delete, Self.path, as: "author").status == 200)
        let again = try await harness.call(.post, "\(Self.path)/versions", Self.second, as: "author")
        #expect(again.status == 201)
        #expect(again.headers[.location] == "\(Self.path)/versions/2")
        #expect(again.body["labels"] == [:])
    }

    @Test func `versions never change and never go, in any way of writing`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.post, "\(Self.path)/versions", Self.second, as: "author")
        for versions in [Self.second, "\(Self.second), \(Self.second)", "\(Self.first)"] {
            let body = #"{"name": "greeting", "versions": [\#(versions)], "labels": {"production": 1}}"#
            let put = try await harness.call(.put, Self.path, body, as: "admin", headers: ["If-Match": "*"])
            #expect(put.status == 422, "\(versions)")
            #expect(put.pointers.allSatisfy { $0.hasPrefix("/versions/") })
            #expect(try await harness.call(.post, "/v1/apply", #"{"prompts": [\#(body)]}"#).status == 422)
        }
        _ = try await harness.call(.delete, "\(Self.path)/labels/production", as: "author")
        try await self.approve(harness)
        #expect(try await harness.call(.delete, Self.path, as: "author").status == 200)
        let again = #"{"name": "greeting", "versions": [\#(Self.second)]}"#
        #expect(try await harness.call(.post, "/v1/prompts", again, as: "admin").status == 422)
    }

    @Test func `what nodes would refuse is refused when it is written`() async throws {
        let harness = try await self.harness()
        for depth in [16, 17] {
            let value = String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
            let schema = #"{"properties": {"v": {"enum": [\#(value)]}}}"#
            let body = #"{"messages": [{"role": "user", "content": "\#(depth)"}], "variables": \#(schema)}"#
            let answer = try await harness.call(.post, "\(Self.path)/versions", body, as: "author")
            #expect(answer.status == (depth > 16 ? 422 : 201), "\(depth): \(answer.body.canonical)")
        }
        var statuses: [Int] = []
        for number in 0..<6 {
            let long = "\(number)" + String(repeating: "x", count: 200_000)
            let body = #"{"messages": [{"role": "user", "content": "\#(long)"}]}"#
            statuses.append(try await harness.call(.post, "\(Self.path)/versions", body, as: "author").status)
        }
        #expect(statuses == [201, 201, 201, 201, 201, 422])
        let provider = #"{"name": "pmpt_mine", "versions": [\#(Self.first)]}"#
        #expect(try await harness.call(.post, "/v1/prompts", provider, as: "author").status == 422)
    }

    @Test func `archiving and making anew takes no protection away`() async throws {
        let harness = try await self.harness(approvalsRequired: 1)
        let strict = #"{"name": "greeting", "versions": [\#(Self.first)], "protected": ["production", "eu"]}"#
        _ = try await harness.call(.put, Self.path, strict, as: "author", headers: ["If-Match": "*"])
        try await self.approve(harness)
        #expect(try await harness.call(.delete, Self.path, as: "author").status == 200)
        for change in [
            #""protected": ["production"], "labels": {"eu": 1}"#,
            #""protected": ["production", "eu"], "allowSystem": true"#,
        ] {
            let body = #"{"name": "greeting", "versions": [\#(Self.first)], \#(change)}"#
            let again = try await harness.call(.post, "/v1/prompts", body, as: "author")
            #expect(again.status == 202, "\(change): \(again.body.canonical)")
            _ = try await harness.call(.delete, Self.path, as: "author")
        }
    }

    @Test func `a rollback gives back what the label stood for before, again and again`() async throws {
        let harness = try await self.harness(approvalsRequired: 0)
        #expect(try await harness.call(.post, "\(Self.path)/rollback", as: "author").status == 409)
        _ = try await harness.call(.post, "\(Self.path)/versions", Self.second, as: "author")
        _ = try await harness.call(.put, "\(Self.path)/labels/production", #"{"version": 2}"#, as: "author")
        for expected in [1, 2, 1] as [JSON] {
            let back = try await harness.call(.post, "\(Self.path)/rollback", #"{"label": "production"}"#, as: "author")
            #expect(back.status == 200, "\(back.body.canonical)")
            #expect(try await self.labels(harness) == ["production": expected])
        }
    }

    @Test func `versions are listed with who wrote them, and compared by fields and lines`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.post, "\(Self.path)/versions", Self.second, as: "other")
        let page = try await harness.get("\(Self.path)/versions?limit=1", as: "viewer")
        guard case .array(let items) = page.body["items"] else {
            Issue.record("\(page.body.canonical)")
            return
        }
        #expect(items.map { $0["number"] } == [2])
        #expect(items[0]["author"] == "other")
        #expect(items[0]["labels"] == [])
        #expect(items[0]["notes"] == "shorter")
        let next = try #require(page.body["next"]?.string)
        let rest = try await harness.get("\(Self.path)/versions?limit=1&after=\(next)", as: "viewer")
        #expect(rest.body["items"].map(Self.count) == 1)
        #expect(rest.body["next"] == nil)
        let one = try await harness.get("\(Self.path)/versions/1", as: "viewer")
        #expect(one.body["author"] == "author")
        #expect(one.body["labels"] == ["production"])
        #expect(try await harness.get("\(Self.path)/versions/3", as: "viewer").status == 404)
        let diff = try await harness.get("\(Self.path)/diff?from=1&to=2", as: "viewer")
        #expect(diff.body["lines"] == ["  [system]", "  Greet {{who}}.", "- Be kind.", "+ Be brief."])
    }

    @Test func `a version is shown as a node would render it, and its holes are named`() async throws {
        let harness = try await self.harness()
        let good = #"{"variables": {"who": "Ann"}}"#
        let shown = try await harness.call(.post, "\(Self.path)/test", good, as: "viewer")
        #expect(shown.body["messages"] == [["role": "system", "content": "Greet Ann.\nBe kind."]])
        #expect(shown.body["version"] == 1)
        let hole = try await harness.call(.post, "\(Self.path)/test", #"{"version": 1}"#, as: "viewer")
        #expect(hole.status == 422)
        #expect(hole.pointers == ["/variables/who"])
        #expect(try await harness.call(.post, "\(Self.path)/test", #"{"label": "x"}"#, as: "viewer").status == 422)
    }

    @Test(arguments: [
        (#"{"messages": []}"#, ""), (#"{"messages": [{"role": "robot", "content": "x"}]}"#, "/messages/0/role"),
        (#"{"messages": [{"role": "user", "content": "{{#x}}"}]}"#, "/messages/0/content"),
        (#"{"messages": [{"role": "user", "content": 1}]}"#, "/messages/0/content"),
        (#"{"messages": [{"role": "user", "content": "{{>p}}"}]}"#, ""),
        (#"{"messages": [{"role": "user", "content": "x"}], "partials": {"p": "{{"}}"#, "/partials/p"),
        (#"{"messages": [{"role": "user", "content": "x"}], "parameters": {"model": "m"}}"#, "/parameters/model"),
        (#"{"messages": [{"role": "user", "content": "x"}], "parameters": {"seed": "m"}}"#, "/parameters/seed"),
        (#"{"messages": [{"role": "user", "content": "x"}], "variables": {"$ref": "x"}}"#, "/variables/$ref"),
        (#"{"messages": [{"role": "user", "content": "x"}], "variables": {"type": "text"}}"#, "/variables/type"),
        (#"{"messages": [{"role": "user", "content": "x"}], "typo": 1}"#, "/typo"),
    ])
    func `a version that makes no sense is refused, with its place`(body: String, pointer: String) async throws {
        let harness = try await self.harness()
        let answer = try await harness.call(.post, "\(Self.path)/versions", body, as: "author")
        #expect(answer.status == 422, "\(answer.body.canonical)")
        #expect(answer.pointers.first == pointer, "\(answer.body.canonical)")
    }

    @Test func `a label needs a version that is there, and sensible weights`() async throws {
        let harness = try await self.harness()
        let bodies = [
            #"{"version": 2}"#, #"{"version": 0}"#, "{}", #"{"weights": {}}"#, #"{"weights": {"1": 0}}"#,
            #"{"weights": {"x": 1}}"#, #"{"weights": {"1": 1, "2": 1}}"#, #"{"weights": {"1": 1}, "by": "team"}"#,
        ]
        for body in bodies {
            let answer = try await harness.call(.put, "\(Self.path)/labels/staging", body, as: "author")
            #expect(answer.status == 422, "\(body): \(answer.body.canonical)")
        }
        #expect(try await harness.call(.delete, "\(Self.path)/labels/staging", as: "author").status == 404)
    }

    @Test func `what is applied twice changes nothing the second time`() async throws {
        let harness = try await self.harness()
        let shown = try await self.inForce(harness).json.canonical
        let again = try await harness.call(.post, "/v1/apply", #"{"prompts": [\#(shown)]}"#, as: "author")
        guard case .array(let changes) = again.body["changes"] else {
            Issue.record("\(again.body.canonical)")
            return
        }
        #expect(changes.map { $0["action"] } == ["unchanged"])
    }

    @Test(arguments: ["0", "2", "-1", "-9223372036854775808", "9223372036854775807", "9223372036854775808", "one"])
    func `a version that is not there is not found, however far off it is`(number: String) async throws {
        let harness = try await self.harness()
        #expect(try await harness.get("\(Self.path)/versions/\(number)", as: "viewer").status == 404)
    }

    @Test func `who wrote a version does not approve that it is given to more callers either`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.post, "\(Self.path)/versions", Self.second, as: "other")
        let few = #"{"weights": {"1": 99, "2": 1}}"#
        _ = try await harness.call(.put, "\(Self.path)/labels/production", few, as: "author")
        try await self.approve(harness)
        _ = try await harness.call(.put, "\(Self.path)/labels/production", #"{"version": 2}"#, as: "author")
        let id = try #require(try await harness.get(Self.path).body["proposal"]?.string)
        guard case .array(let texts) = try await harness.get("/v1/proposals/\(id)").body["texts"] else { return }
        #expect(texts.map { $0["from"] } == [1] && texts.map { $0["to"] } == [2])
        #expect(try await harness.call(.post, "/v1/proposals/\(id)/approve", as: "other").status == 409)
        #expect(try await harness.call(.post, "/v1/proposals/\(id)/approve", as: "approver").status == 200)
    }

    @Test func `archiving ends nobody's proposal unseen, and a bundle that ends one says so`() async throws {
        let harness = try await self.harness()
        _ = try await harness.call(.delete, "\(Self.path)/labels/production", as: "author")
        try await self.approve(harness)
        _ = try await harness.call(.put, "\(Self.path)/labels/production", #"{"version": 1}"#, as: "author")
        let id = try #require(try await harness.get(Self.path).body["proposal"]?.string)
        #expect(try await harness.call(.delete, Self.path, as: "other").status == 409)
        let bundle = #"{"prompts": [{"name": "greeting", "versions": [\#(Self.first)], "labels": {"staging": 1}}]}"#
        let applied = try await harness.call(.post, "/v1/apply", bundle, as: "other")
        guard case .array(let changes) = applied.body["changes"] else { return }
        #expect(changes.map { $0["overtaken"]?.string } == [id])
    }
}
