import ControlPlane
import Foundation
import HTTPTypes
import Testing

@Suite struct SignInTests {
    @Test func `whoever is not signed in is asked to, and then led where they wanted to go`() async throws {
        let harness = try await ConsoleHarness()
        for path in ["/console", "/console/models", "/console/usage.csv", "/console/nothing"] {
            let answer = try await harness.get(path)
            #expect(answer.status == 303, "\(path)")
            #expect(answer.location.hasPrefix("/console/sign-in"), "\(path)")
        }
        let asked = try await harness.get("/console/proposals?state=all")
        let page = try await harness.get(asked.location)
        #expect(page.status == 200)
        let fields = ["token": try #require(harness.house.tokens["viewer"]), "next": try #require(page.hidden("next"))]
        #expect(fields["next"] == "/console/proposals?state=all")
        #expect(try await harness.post("/console/sign-in", fields).location == "/console/proposals?state=all")
    }

    @Test func `signing in leads nowhere but into the console`() async throws {
        let harness = try await ConsoleHarness()
        let token = try #require(harness.house.tokens["viewer"])
        let elsewhere = [
            "https://evil.example/", "//evil.example", "/consolevil", "/console/\\evil", "/console/\r\nx: y", "console",
        ]
        for next in elsewhere {
            let answer = try await harness.post("/console/sign-in", ["token": token, "next": next])
            #expect(answer.location == "/console", "\(next)")
        }
    }

    @Test func `the cookie is for the console alone, and with TLS for this very host`() async throws {
        for hasTLS in [false, true] {
            let harness = try await ConsoleHarness(hasTLS: hasTLS)
            let token = try #require(harness.house.tokens["viewer"])
            let cookie = try await harness.post("/console/sign-in", ["token": token]).setCookie
            #expect(cookie.hasPrefix(hasTLS ? "__Host-martlet_console=" : "martlet_console="))
            #expect(!cookie.contains("Domain"))
            let parts = ["Path=\(hasTLS ? "/" : "/console")", "HttpOnly", "SameSite=Lax"] + (hasTLS ? ["Secure"] : [])
            #expect(cookie.components(separatedBy: "; ").dropFirst().elementsEqual(parts), "\(cookie)")
            #expect(!cookie.contains(token))
        }
    }

    @Test func `over TLS a session is known only by the cookie that no neighbour can plant`() async throws {
        let forwarded = ["X-Forwarded-Proto": "https"]
        for (hasTLS, headers) in [(true, [:]), (false, forwarded)] {
            let harness = try await ConsoleHarness(hasTLS: hasTLS)
            let fields = ["token": try #require(harness.house.tokens["viewer"])]
            let sent = headers.merging(["Sec-Fetch-Site": "same-origin"]) { $1 }
            let answer = try await harness.post("/console/sign-in", fields, headers: sent)
            let cookie = String(answer.setCookie.prefix { $0 != ";" })
            let planted = cookie.replacing("__Host-", with: "")
            for (brought, status) in [(cookie, 200), (planted, 303), ("\(planted); \(cookie)", 200)] {
                let page = try await harness.send(.get, "/console/keys", "", cookie: brought, headers: headers)
                #expect(page.status == status, "\(brought)")
            }
        }
    }

    @Test func `who has the cookie of TLS is signed out of it, also where the proxy does not say that it does TLS`()
        async throws
    {
        let harness = try await ConsoleHarness(hasTLS: false)
        let fields = ["token": try #require(harness.house.tokens["viewer"])]
        let headers = ["X-Forwarded-Proto": "https", "Sec-Fetch-Site": "same-origin"]
        let answer = try await harness.post("/console/sign-in", fields, headers: headers)
        let cookie = String(answer.setCookie.prefix { $0 != ";" })
        let page = try await harness.send(.get, "/console", "", cookie: cookie, headers: [:])
        let visitor = ConsoleHarness.Visitor(cookie: cookie, csrf: try #require(page.hidden("csrf")))
        let gone = try await harness.post("/console/sign-out", [:], as: visitor).setCookie
        #expect(gone == "__Host-martlet_console=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure")
    }

    @Test func `every token that is no good gets the same answer`() async throws {
        let harness = try await ConsoleHarness()
        let good = try #require(harness.house.tokens["viewer"])
        let tokens = ["", "x", good + "x", String(good.dropLast()) + (good.hasSuffix("0") ? "1" : "0"), "mk_" + good]
        var answers: Set<String> = []
        for token in tokens {
            let answer = try await harness.post("/console/sign-in", ["token": token])
            #expect(answer.status == 403)
            #expect(answer.setCookie.isEmpty)
            answers.insert(answer.text)
        }
        #expect(answers.count == 1)
        #expect(answers.first?.contains(good) == false)
    }

    @Test func `after too many failures bad tokens are not looked at for a minute, and good ones are let in`()
        async throws
    {
        let harness = try await ConsoleHarness()
        let token = try #require(harness.house.tokens["viewer"])
        for _ in 0..<10 { #expect(try await harness.post("/console/sign-in", ["token": "x"]).status == 403) }
        let answer = try await harness.post("/console/sign-in", ["token": "x"])
        #expect(answer.status == 429)
        #expect(answer.headers[.retryAfter] == "60")
        #expect(try await harness.post("/console/sign-in", ["token": token]).status == 303)
        harness.house.clock.advance(seconds: 60)
        #expect(try await harness.post("/console/sign-in", ["token": "x"]).status == 403)
    }

    @Test func `a session ends with its token, at once`() async throws {
        let harness = try await ConsoleHarness()
        let visitor = try await harness.signIn(as: "author")
        #expect(try await harness.get("/console/models", as: visitor).status == 200)
        let tokens = try await harness.house.get("/v1/principals/author/tokens").body
        guard case .array(let items) = tokens["items"], let id = items.first?["id"]?.string else {
            Issue.record("author has no token")
            return
        }
        _ = try await harness.house.call(.delete, "/v1/principals/author/tokens/\(id)")
        #expect(try await harness.get("/console/models", as: visitor).status == 303)
        #expect(try await harness.post("/console/models/local%2Fm/stop", [:], as: visitor).status == 303)
    }

    @Test func `a session ends an hour after it was used last, and twelve after it began`() async throws {
        let harness = try await ConsoleHarness()
        let idle = try await harness.signIn(as: "viewer")
        harness.house.clock.advance(seconds: 3_599)
        #expect(try await harness.get("/console/keys", as: idle).status == 200)
        harness.house.clock.advance(seconds: 3_600)
        #expect(try await harness.get("/console/keys", as: idle).status == 303)
        let busy = try await harness.signIn(as: "viewer")
        for _ in 0..<23 {
            harness.house.clock.advance(seconds: 1_800)
            #expect(try await harness.get("/console/keys", as: busy).status == 200)
        }
        harness.house.clock.advance(seconds: 1_800)
        #expect(try await harness.get("/console/keys", as: busy).status == 303)
    }

    @Test func `signing out ends the session and takes the cookie away, and only by a form`() async throws {
        let harness = try await ConsoleHarness()
        let visitor = try await harness.signIn(as: "viewer")
        #expect(try await harness.get("/console/sign-out", as: visitor).status == 303)
        #expect(try await harness.post("/console/sign-out", ["csrf": "x"], as: visitor).status == 403)
        #expect(try await harness.get("/console", as: visitor).status == 200)
        let answer = try await harness.post("/console/sign-out", [:], as: visitor)
        #expect(answer.setCookie.contains("Max-Age=0"))
        #expect(try await harness.get("/console", as: visitor).status == 303)
    }

    @Test func `signing in anew begins another session and ends the old one`() async throws {
        let harness = try await ConsoleHarness()
        let first = try await harness.signIn(as: "viewer")
        let token = try #require(harness.house.tokens["author"])
        let again = try await harness.post("/console/sign-in", ["token": token], as: first)
        #expect(again.status == 303)
        #expect(!again.setCookie.hasPrefix(first.cookie))
        #expect(try await harness.get("/console", as: first).status == 303)
    }
}
