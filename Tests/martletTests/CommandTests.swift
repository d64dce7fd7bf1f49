import ArgumentParser
import Foundation
import Platform
import TestSupport
import Testing

@testable import martlet

/// What the command line turns into.
@Suite struct CommandTests {
    /// 2026-11-24T19:00:00Z
    private static let now: Int64 = 1_795_546_800_000

    private func parsed<Command: ParsableCommand>(_ type: Command.Type, _ arguments: String...) throws -> Command {
        try #require(try Martlet.parseAsRoot(arguments) as? Command)
    }

    @Test(arguments: [
        ["apply", "-f", "x.yaml"], ["apply", "-f", "-", "--dry-run"], ["diff", "-f", "x"], ["models"],
        ["models", "stop", "a/b", "--reason", "dear"], ["models", "import-prices", "map.json", "--dry-run"], ["keys"],
        ["keys", "create", "--team", "t", "--role", "a", "b"],
        ["keys", "rotate", "k"], ["keys", "revoke", "k", "--reason", "lost"],
        ["secrets", "set", "s", "--from-env", "V"],
        ["usage", "--by", "team,model", "--from", "7d", "--step", "1h", "--json"], ["snapshots"],
        ["snapshots", "publish"], ["snapshots", "rollback", "7", "--reason", "bad"], ["nodes"], ["nodes", "token"],
        ["nodes", "tokens", "--uses", "3", "--pool", "eu"], ["nodes", "ban", "n", "--reason", "stolen"], ["proposals"],
        ["budgets"], ["budgets", "show", "b"], ["budgets", "set", "b", "--amount", "9", "--no-hard"],
        ["budgets", "archive", "b"], ["limits"], ["limits", "set", "l", "--concurrent", "0"],
        ["proposals", "approve", "1", "2"], ["proposals", "reject", "1"], ["audit", "verify"], ["status", "--json"],
    ]) func `every verb of the admin API has a command`(arguments: [String]) throws {
        _ = try Martlet.parseAsRoot(arguments)
    }

    @Test(arguments: [
        ["apply"], ["models", "approve"], ["keys", "create"], ["keys", "revoke"], ["snapshots", "rollback", "x"],
        ["proposals", "approve"], ["status", "--nonsense"], ["nonsense"], ["secrets", "set", "name", "a-value"],
    ]) func `what is not understood exits with 64`(arguments: [String]) {
        do {
            _ = try Martlet.parseAsRoot(arguments)
            Issue.record("understood \(arguments)")
        } catch {
            #expect(Martlet.exitCode(for: error).rawValue == Platform.ExitStatus.usage.rawValue)
        }
    }

    @Test func `a key says whose it is, in which roles, and until when`() throws {
        let create = try self.parsed(
            Keys.Create.self,
            "keys",
            "create",
            "--team",
            "demo",
            "--role",
            "a",
            "--role",
            "b",
            "--expires",
            "90d"
        )
        #expect(
            try create.body(nowMilliseconds: Self.now)
                == .object([
                    "team": .string("demo"), "roles": .array([.string("a"), .string("b")]),
                    "expires": .string("2027-02-22T19:00:00.000Z"),
                ])
        )
        let endless = try self.parsed(Keys.Create.self, "keys", "create", "--team", "demo", "--role", "a")
        #expect(try endless.body(nowMilliseconds: Self.now)["expires"] == .null)
    }

    @Test func `usage asks for groups, a time and a step`() throws {
        let usage = try self.parsed(
            Usage.self,
            "usage",
            "--by",
            "team, model",
            "--from",
            "24h",
            "--to",
            "2026-11-24",
            "--step",
            "1h"
        )
        #expect(
            try usage.path(nowMilliseconds: Self.now)
                == "/usage?by=team%2Cmodel&from=2026-11-23T19%3A00%3A00.000Z&to=2026-11-24T00%3A00%3A00Z&step=1h"
        )
        #expect(try self.parsed(Usage.self, "usage").path(nowMilliseconds: Self.now) == "/usage?by=model")
    }

    @Test func `a kind of token has a column where some row tells it`() throws {
        let usage = try self.parsed(Usage.self, "usage")
        let plain: JSONValue = .object(["reasoningTokens": .null, "inputTokens": .integer(1)])
        let reasoned: JSONValue = .object(["reasoningTokens": .integer(0)])
        #expect(!usage.columns(of: [plain]).map(\.heading).contains("REASONING"))
        let headings = usage.columns(of: [plain, reasoned]).map(\.heading)
        #expect(headings.contains("REASONING") && !headings.contains("AUDIO IN"))
    }

    @Test(arguments: ["yesterday", "", "2027", "-5h", "2026-11-24 12:00", "2026-11-24T12:00:00"])
    func `a time that is none is refused by the option's name`(text: String) {
        #expect {
            _ = try WrittenTime.ago(text, from: Self.now, option: "--from")
        } throws: { error in
            let fault = error as? StartupFault
            return fault?.exit == .usage && fault?.description.hasPrefix("--from: ") == true
        }
    }

    @Test func `a reason is sent where one is given, and an empty body where not`() throws {
        let revoke = try self.parsed(Keys.Revoke.self, "keys", "revoke", "k", "--reason", "lost")
        #expect(try String(decoding: revoke.why.body.bytes, as: UTF8.self) == #"{"reason":"lost"}"#)
        let silent = try self.parsed(Keys.Revoke.self, "keys", "revoke", "k")
        #expect(try String(decoding: silent.why.body.bytes, as: UTF8.self) == "{}")
    }

    @Test func `a bundle goes out as it is, as YAML unless its name says JSON`() throws {
        let folder = try TemporaryFolder()
        for (name, type) in [("a.yaml", "application/yaml"), ("b.JSON", "application/json")] {
            try DurableFile.write(Array("teams: []\n".utf8), to: "\(folder.path)/\(name)")
            let apply = try self.parsed(Apply.self, "apply", "-f", "\(folder.path)/\(name)")
            let body = try apply.bundle.body()
            #expect(body.contentType == type)
            #expect(body.bytes == Array("teams: []\n".utf8))
        }
    }

    @Test func `a bundle that is missing, a directory or too large is refused by its name`() throws {
        let folder = try TemporaryFolder()
        let large = "\(folder.path)/large"
        try DurableFile.write([UInt8](repeating: 0x20, count: BundleFile.bytesMax + 1), to: large)
        for path in ["\(folder.path)/none", folder.path, large] {
            let apply = try self.parsed(Apply.self, "apply", "-f", path)
            #expect {
                _ = try apply.bundle.body()
            } throws: { error in
                let refusal = error as? Refusal
                return refusal?.exit == .usage && refusal?.description.contains(path) == true
            }
        }
    }
}

/// Where the control plane is, and who asks.
@Suite struct ServerOptionsTests {
    private func exit(_ body: () throws -> Void) -> Platform.ExitStatus? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StartupFault)?.exit
        }
    }

    @Test func `a flag wins over the environment, that over the file in the home`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/.config/martlet"
        try DurableFile.makeDirectory(path)
        try DurableFile.write(Array("url: http://127.0.0.1:3\ntoken: of-file\n".utf8), to: "\(path)/config.yaml")
        let home = ["HOME": folder.path]
        let file = try ServerOptions.parse([]).server(environment: home)
        #expect((file.url, file.token) == ("http://127.0.0.1:3", "of-file"))
        let variables = ["MARTLET_URL": "http://127.0.0.1:2", "MARTLET_TOKEN": "of-variable"]
        let environment = variables.merging(home) { $1 }
        let variable = try ServerOptions.parse([]).server(environment: environment)
        #expect((variable.url, variable.token) == ("http://127.0.0.1:2", "of-variable"))
        let flag = try ServerOptions.parse(["--url", "http://127.0.0.1:1"]).server(environment: environment)
        #expect((flag.url, flag.token) == ("http://127.0.0.1:1", "of-variable"))
    }

    @Test func `without a token nothing is asked`() throws {
        let options = try ServerOptions.parse([])
        #expect(self.exit { _ = try options.server(environment: [:]) } == .usage)
    }

    @Test func `a file with a token that others can read is refused, one without is not`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/config.yaml"
        let options = try ServerOptions.parse(["--config", path])
        try DurableFile.write(Array("token: secret\n".utf8), to: path, mode: 0o644)
        #expect(self.exit { _ = try options.server(environment: [:]) } == .configuration)
        try DurableFile.write(Array("token: secret\n".utf8), to: path)
        #expect(try options.server(environment: [:]).token == "secret")
        try DurableFile.write(Array("url: http://127.0.0.1:4\n".utf8), to: path, mode: 0o644)
        #expect(try options.server(environment: ["MARTLET_TOKEN": "t"]).url == "http://127.0.0.1:4")
    }

    @Test(arguments: ["127.0.0.1:8400", "ftp://a", "http://", "http:///x", "https://u@h", "http://a?b", "http://a b"])
    func `an address that is none is bad configuration`(url: String) throws {
        let options = try ServerOptions.parse(["--url", url])
        #expect(self.exit { _ = try options.server(environment: ["MARTLET_TOKEN": "t"]) } == .configuration, "\(url)")
    }
}

/// What a person reads when the control plane says no.
@Suite struct RefusalTests {
    @Test func `a problem document is its detail and a line for each pointer`() {
        let body =
            #"{"title":"Bad","detail":"2 fields are wrong","errors":[{"pointer":"/models/0/price","detail":"is required"},{"pointer":"/teams","detail":"a\u001b[2Jb\nc"}]}"#
        let refusal = Refusal(OutgoingResponse(status: 422, body: Array(body.utf8)))
        #expect(refusal.exit == .usage)
        #expect(
            refusal.lines == [
                "2 fields are wrong (HTTP 422)", "  /models/0/price: is required", "  /teams: a\\u001b[2Jb\\nc",
            ]
        )
    }

    @Test(arguments: [
        (400, Platform.ExitStatus.usage), (404, .usage), (409, .usage), (412, .usage), (422, .usage),
        (401, .configuration),
        (403, .configuration), (408, .unavailable), (429, .unavailable), (500, .unavailable), (503, .unavailable),
    ]) func `the exit code says whose turn it is`(status: Int, exit: Platform.ExitStatus) {
        #expect(Refusal(OutgoingResponse(status: status)).exit == exit, "\(status)")
    }

    @Test func `an error about the whole request is not said twice`() {
        let body = #"{"detail":"no such group","errors":[{"pointer":"","detail":"no such group"}]}"#
        #expect(Refusal(OutgoingResponse(status: 400, body: Array(body.utf8))).lines == ["no such group (HTTP 400)"])
    }

    @Test func `a dry run says what would change and a real one what did`() throws {
        let changes = #""changes":[{"action":"create","kind":"teams","name":"demo"},{"action":"unchanged"}]"#
        for (isDry, words) in [("true", "1 would change, 1 as they are"), ("false", "1 changed, 1 as they are")] {
            let reply = try JSONDecoder().decode(JSONValue.self, from: Data("{\"dryRun\":\(isDry),\(changes)}".utf8))
            #expect(ChangeReport(reply).text == "+ teams/demo\n\(words)")
        }
    }

    @Test func `a page that is no problem document still says its status`() {
        let refusal = Refusal(OutgoingResponse(status: 502, body: Array("<html>Bad Gateway</html>".utf8)))
        #expect(refusal.description == "the control plane answered (HTTP 502)")
    }
}
