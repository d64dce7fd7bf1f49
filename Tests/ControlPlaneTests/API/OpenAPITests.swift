import ControlPlane
import Domain
import HTTPTypes
import Testing

@Suite struct OpenAPITests {
    private func document() async throws -> JSON {
        let answer = try await APIHarness().call(.get, "/openapi.json", as: nil)
        #expect(answer.status == 200)
        return answer.body
    }

    private func members(_ json: JSON?) -> [String: JSON] {
        if case .object(let members) = json { members } else { [:] }
    }

    @Test func `every documented operation is a route, and every route is documented`() async throws {
        let harness = try await APIHarness()
        let paths = self.members(try await self.document()["paths"])
        var documented: Set<String> = []
        for (path, item) in paths {
            for method in self.members(item).keys {
                documented.insert("\(method.uppercased()) \(path)")
                // Whoever is nobody is told so by a route; a path that is no route says 404.
                let concrete = path.replacing(#/\{[a-z]+\}/#, with: "x")
                let wire = try #require(HTTPRequest.Method(rawValue: method.uppercased()))
                let status = try await harness.call(wire, concrete, as: nil).status
                #expect(status == 401, "\(method) \(path)")
            }
        }
        #expect(documented == Set(harness.api.endpoints.map { "\($0.method.rawValue) /v1\($0.path)" }))
        #expect(documented.count == harness.api.endpoints.count)
    }

    @Test func `every schema that is named is there, and every schema that is there is named`() async throws {
        let document = try await self.document()
        let schemas = Set(self.members(document["components"]?["schemas"]).keys)
        let named = Set(document.canonical.matches(of: #/#\/components\/schemas\/([A-Za-z]+)/#).map { String($0.1) })
        #expect(named == schemas)
    }

    @Test func `every operation has its own id and says what it is for`() async throws {
        let document = try await self.document()
        let operations = self.members(document["paths"]).values.flatMap { self.members($0).values }
        let ids = operations.compactMap { $0["operationId"]?.string }
        #expect(Set(ids).count == operations.count)
        #expect(operations.allSatisfy { $0["summary"]?.string?.hasSuffix(".") == true })
    }

    @Test func `replies have the members that their schemas require, and no body field is missing there`() async throws
    {
        let harness = try await APIHarness()
        try await harness.fill()
        let schemas = self.members(try await self.document()["components"]?["schemas"])
        let replies = [
            ("/v1/teams/demo", "TeamItem"), ("/v1/roles/everyone", "RoleItem"),
            ("/v1/providers/openai", "ProviderItem"),
            ("/v1/secrets/openai-key", "SecretItem"), ("/v1/models/local%2Fm", "ModelItem"),
            ("/v1/routes/assistant", "RouteItem"), ("/v1/usage", "UsageReport"), ("/v1/status", "Status"),
            ("/v1/snapshots/1", "SnapshotItem"), ("/v1/audit", "AuditPage"), ("/v1/audit/verify", "AuditVerdict"),
            ("/v1/proposals", "ProposalPage"), ("/v1/teams/demo/revisions", "RevisionPage"),
        ]
        for (path, name) in replies {
            let body = self.members(try await harness.get(path).body)
            let properties = self.members(schemas[name]?["properties"])
            #expect(Set(body.keys).subtracting(properties.keys).isEmpty, "\(path)")
            guard case .array(let required) = schemas[name]?["required"] else { continue }
            #expect(Set(required.compactMap(\.string)).subtracting(body.keys).isEmpty, "\(path)")
        }
    }

    /// Sent in an order in which nothing comes before what it names, so that each must be taken.
    @Test func `every example of a body is one that is taken`() async throws {
        let harness = try await APIHarness()
        let document = try await self.document()
        let order: [(HTTPRequest.Method, String)] = [
            (.post, "/v1/teams"), (.post, "/v1/roles"), (.post, "/v1/secrets"), (.put, "/v1/secrets/{name}/value"),
            (.post, "/v1/providers"), (.post, "/v1/models"), (.post, "/v1/models/{name}/propose"),
            (.post, "/v1/routes"),
            (.post, "/v1/apply"), (.post, "/v1/keys"), (.post, "/v1/keys/{name}/rotate"), (.post, "/v1/prompts"),
            (.post, "/v1/prompts/{name}/versions"), (.post, "/v1/prompts/{name}/test"),
            (.put, "/v1/prompts/{name}/labels/{label}"), (.post, "/v1/prompts/{name}/rollback"),
            (.post, "/v1/principals"), (.post, "/v1/principals/{name}/tokens"), (.post, "/v1/issuers"),
            (.post, "/v1/budgets"), (.post, "/v1/limits"),
            (.post, "/v1/nodes/tokens"),
        ]
        var sent: Set<String> = []
        for (method, path) in order {
            let operation = document["paths"]?[path]?[method.rawValue.lowercased()]
            let content = operation?["requestBody"]?["content"]?["application/json"]
            let example = try #require(content?["example"], "\(method) \(path)")
            sent.insert(content?["schema"]?["$ref"]?.string?.split(separator: "/").last.map(String.init) ?? "")
            let answer = try await harness.call(method, try await self.filled(path, harness), example.canonical)
            #expect((200..<300).contains(answer.status), "\(method) \(path): \(answer.body.canonical)")
        }
        let bodies = self.members(document["paths"]).values.flatMap { self.members($0).values }.compactMap {
            $0["requestBody"]?["content"]?["application/json"]?["schema"]?["$ref"]?.string?.split(separator: "/").last
        }
        #expect(sent == Set(bodies.map(String.init)))
    }

    /// With the name that the collection's example has, or what the server gave.
    private func filled(_ path: String, _ harness: APIHarness) async throws -> String {
        let collection = String(path.split(separator: "/")[1])
        var name =
            ["secrets": "openai-key", "models": "openai%2Fgpt-4o", "prompts": "greeting", "principals": "ann"][
                collection
            ] ?? ""
        if collection == "keys", path.contains("{"),
            case .array(let items) = try await harness.get("/v1/\(collection)").body["items"]
        {
            name = try #require(items.last?["id"]?.string)
        }
        return path.replacing("{name}", with: name).replacing("{label}", with: "staging")
    }

    @Test func `a path that is there says which methods it takes`() async throws {
        let harness = try await APIHarness()
        for (method, path, taken) in [
            (HTTPRequest.Method.patch, "/v1/teams", "GET, POST"), (.trace, "/v1/apply", "POST"),
            (.post, "/v1/teams/demo", "DELETE, GET, PUT"),
        ] {
            let answer = try await harness.call(method, path, "{}")
            #expect(answer.status == 405)
            #expect(answer.headers[.allow] == taken)
        }
        #expect(try await harness.call(.patch, "/v1/team").status == 404)
    }
}
