import ControlPlane
import Domain
import HTTPTypes
import Platform
import TestSupport
import Testing

@Suite struct ConsolePageTests {
    @Test func `every page is there for every role, but for the audit log`() async throws {
        let harness = try await ConsoleHarness()
        let made = try await harness.fill()
        let items =
            ConsoleHarness.items + made.proposals.map { "/console/proposals/\($0)" } + ["/console/keys/\(made.key)"]
        for role in PrincipalRole.allCases.map(\.rawValue) {
            let visitor = try await harness.signIn(as: role)
            for path in ConsoleHarness.lists + items {
                let page = try await harness.get(path, as: visitor)
                #expect(page.status == 200, "\(path) for \(role)")
                #expect(page.text.contains("<title>"), "\(path)")
            }
            let seesAudit = ["auditor", "admin"].contains(role)
            for path in ["/console/audit", "/console/audit?verify=chain", "/console/audit?subject=model/local%2Fm"] {
                #expect(
                    try await harness.get(path, as: visitor).status == (seesAudit ? 200 : 403),
                    "\(path) for \(role)"
                )
            }
            let menu = try await harness.get("/console", as: visitor).text
            #expect(menu.contains("href=\"/console/audit\"") == seesAudit, "\(role)")
        }
    }

    @Test func `a model's page shows every rate of its price`() async throws {
        let harness = try await ConsoleHarness()
        _ = try await harness.fill()
        let price =
            #"{"input":"1","output":"4","reasoning":"5","perCall":"0.01","tiers":[{"aboveInputTokens":200000,"#
            + #""input":"7","output":"8"}],"serviceTiers":{"flex":{"input":"0.5","output":"2"}}}"#
        let body = #"{"name":"local/rich","upstream":"r","context":9,"maxOutput":1,"price":\#(price)}"#
        #expect(try await harness.house.call(.post, "/v1/models", body).status == 201)
        let page = try await harness.get("/console/models/local%2Frich", as: try await harness.signIn(as: "viewer"))
        for text in ["<dt>Reasoning</dt>", "<dt>Each call</dt>", "200,000 input tokens</dt>", "<dt>Flex</dt>"] {
            #expect(page.text.contains(text), "\(text)")
        }
    }

    @Test func `a team's people see every page but the installation's own, and their own part of it`() async throws {
        let harness = try await ConsoleHarness()
        let made = try await harness.fill()
        _ = try await harness.house.call(.post, "/v1/teams", #"{"name": "legal"}"#)
        let foreign = try await harness.house.call(.post, "/v1/keys", #"{"team": "legal"}"#)
        let theirs = try #require(foreign.body["id"]?.string)
        for name in ["demo-author", "demo-viewer"] {
            let visitor = try await harness.signIn(as: name)
            for path in ConsoleHarness.lists + ConsoleHarness.items + ["/console/keys/\(made.key)"]
            where path != "/console/nodes" {
                #expect(try await harness.get(path, as: visitor).status == 200, "\(path) for \(name)")
            }
            for path in ["/console/nodes", "/console/audit", "/console/keys/\(theirs)"] {
                #expect(try await harness.get(path, as: visitor).status >= 400, "\(path) for \(name)")
            }
            let keys = try await harness.get("/console/keys", as: visitor).text
            #expect(keys.contains(made.key) && !keys.contains(theirs))
            let menu = try await harness.get("/console", as: visitor).text
            #expect(menu.contains("for demo") && !menu.contains("href=\"/console/nodes\""))
        }
    }

    @Test func `the overview reads usage once`() async throws {
        let harness = try await ConsoleHarness()
        let visitor = try await harness.signIn(as: "viewer")
        _ = harness.house.usage.takeReads()
        let page = try await harness.get("/console", as: visitor).text
        #expect(harness.house.usage.takeReads() == 1)
        #expect(page.contains("$1.50") && page.contains("model") && page.contains("team"))
    }

    @Test func `what is not there is a page too`() async throws {
        let harness = try await ConsoleHarness()
        let visitor = try await harness.signIn(as: "viewer")
        let missing = [
            "/console/nothing", "/console/models/local%2Fnone", "/console/prompts/none", "/console/proposals/none",
            "/console/keys/none", "/console/nodes/none", "/console/models/%zz", "/console/a/b/c/d",
        ]
        for path in missing {
            let page = try await harness.get(path, as: visitor)
            #expect(page.status == 404, "\(path)")
            #expect(page.headers[.contentType] == "text/html; charset=utf-8", "\(path)")
        }
        for path in ["/console/usage?range=custom&from=x", "/console/proposals?state=odd", "/console/keys?after=%00"] {
            let status = try await harness.get(path, as: visitor).status
            #expect([200, 400].contains(status), "\(path) is \(status)")
        }
    }

    @Test func `browsers are told to run nothing but what is ours`() async throws {
        let harness = try await ConsoleHarness()
        _ = try await harness.fill()
        let visitor = try await harness.signIn(as: "admin")
        let asked = [
            try await harness.get("/console", as: visitor), try await harness.get("/console/sign-in"),
            try await harness.get("/console/nothing", as: visitor),
            try await harness.get("/console/usage.csv", as: visitor),
            try await harness.get("/console/assets/console.js"), try await harness.get("/console/assets/none"),
            try await harness.get("/console/models"),
        ]
        for answer in asked {
            let policy = try #require(answer.headers[.contentSecurityPolicy])
            for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"] {
                #expect(policy.contains(part))
            }
            #expect(!policy.contains("unsafe"))
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
        }
        #expect(asked[0].headers[.cacheControl] == "no-store")
        for path in ConsoleHarness.lists + ConsoleHarness.items {
            let text = try await harness.get(path, as: visitor).text
            for banned in ["<script>", " style=", " onclick=", "javascript:", "<style"] {
                #expect(!text.contains(banned), "\(path) has \(banned)")
            }
        }
    }

    /// Names and texts that would be markup, or would end an attribute, if they were not escaped.
    private static let hostile = "<script>alert(1)</script> \" onfocus=\"x \"\u{301} autofocus='y' </textarea>&amp;"

    @Test func `whatever is written is shown as text`() async throws {
        let harness = try await ConsoleHarness()
        let made = try await harness.fill()
        let text = JSON.string(Self.hostile).canonical
        for content in [text, "\"plain\""] {
            let body = "{\"messages\": [{\"role\": \"system\", \"content\": \(content)}], \"notes\": \(text)}"
            let added = try await harness.house.call(.post, "/v1/prompts/odd/versions", body, as: "author")
            #expect((200...202).contains(added.status))
        }
        _ = try await harness.house.call(
            .post,
            "/v1/keys",
            "{\"team\": \"demo\", \"roles\": [\"everyone\"], \"description\": \(text)}",
            as: "author"
        )
        let scope = "{\"task\": \(text), \"metadata\": {\(text): \(text)}}"
        let budget = "{\"name\": \"odd\", \"scope\": \(scope), \"amount\": \"1.00\", \"window\": \"day\"}"
        #expect(try await harness.house.call(.post, "/v1/budgets", budget).status == 201)
        let reason = "{\"reason\": \(text)}"
        _ = try await harness.house.call(.post, "/v1/proposals/\(made.proposals[0])/reject", reason, as: "approver")
        let visitor = try await harness.signIn(as: "admin")
        let query = ConsoleHarness.encoded(Self.hostile)
        let paths = [
            "/console/prompts/odd", "/console/prompts/odd?view=words", "/console/keys", "/console/audit",
            "/console/budgets",
            "/console/proposals/\(made.proposals[0])", "/console/audit?subject=\(query)", "/console/prompts/\(query)",
            "/console/usage?by=\(query)", "/console/sign-in?next=\(query)", "/console/models?after=\(query)",
        ]
        for path in paths {
            let page = try await harness.get(path, as: visitor)
            #expect(!page.text.contains("<script>alert"), "\(path)")
            #expect(!page.text.unicodeScalars.contains("\u{301}") || page.text.contains("&quot;\u{301}"), "\(path)")
        }
        #expect(try await harness.get("/console/prompts/odd", as: visitor).text.contains("&lt;script&gt;alert(1)"))
    }

    @Test func `no page holds a secret`() async throws {
        let harness = try await ConsoleHarness()
        let made = try await harness.fill()
        #expect(made.keyText.hasPrefix("mk_"))
        let value = #"{"value": "sk-very-secret"}"#
        #expect(try await harness.house.call(.put, "/v1/secrets/openai-key/value", value).status == 200)
        let visitor = try await harness.signIn(as: "admin")
        let cookie = visitor.cookie.dropFirst("martlet_console=".count)
        let paths =
            ConsoleHarness.lists + ConsoleHarness.items + ["/console/audit", "/console/keys/\(made.key)"]
            + made.proposals.map { "/console/proposals/\($0)" }
        for path in paths {
            let text = try await harness.get(path, as: visitor).text
            let secrets = [made.keyText, "sk-very-secret", String(cookie)] + harness.house.tokens.values
            #expect(!secrets.contains { text.contains($0) }, "\(path)")
        }
    }

    @Test func `our own files are there, with an address that changes with them`() async throws {
        let harness = try await ConsoleHarness()
        let page = try await harness.get("/console/sign-in")
        let mark = try #require(page.text.firstRange(of: "/console/assets/console.css?v="))
        let address = String(page.text[mark.lowerBound...].prefix { $0 != "\"" })
        let file = try await harness.get(address)
        #expect(file.status == 200)
        #expect(file.headers[.contentType] == "text/css; charset=utf-8")
        #expect(file.text.contains("prefers-color-scheme: dark"))
        #expect(address.hasSuffix(file.headers[.eTag]?.filter { $0 != "\"" } ?? "none"))
        #expect(try await harness.get("/console/assets/..%2fconsole.css").status == 404)
    }

    @Test func `pages are whole without Bootstrap and Chart.js, and name them where they are`() async throws {
        let folder = try TemporaryFolder()
        let bare = try await ConsoleHarness(assetFolder: folder.path)
        let plain = try await bare.get("/console/usage", as: try await bare.signIn(as: "viewer")).text
        #expect(plain.contains("<table") && plain.contains("console.css?v="))
        #expect(!plain.contains("bootstrap.min.css") && !plain.contains("<script"))
        #expect(try await bare.get("/console/assets/chart.min.js").status == 404)
        for name in ["bootstrap.min.css", "chart.min.js"] {
            try DurableFile.write(Array("/* \(name) */".utf8), to: "\(folder.path)/\(name)")
        }
        let full = try await ConsoleHarness(assetFolder: folder.path)
        let styled = try await full.get("/console/usage", as: try await full.signIn(as: "viewer")).text
        #expect(styled.contains("bootstrap.min.css?v=") && styled.contains("chart.min.js?v="))
        #expect(try await full.get("/console/assets/chart.min.js").text == "/* chart.min.js */")
    }
}
