import Platform
import TestSupport
import Testing

/// Flags over environment over file over default, and errors that say where a bad value stood.
@Suite struct OptionsTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func options(
        flags: [String: String?] = ["listen": nil, "drain-delay": nil, "control": nil, "quiet": nil, "workers": nil],
        environment: [String: String] = [:],
        file: String? = nil
    ) throws -> Options {
        var flags = flags
        if let file {
            let path = "\(self.folder.path)/martlet.yaml"
            try DurableFile.write(Array(file.utf8), to: path)
            flags["config"] = path
        }
        return try Options(flags: flags, environment: environment)
    }

    private func fault(_ body: () throws -> Void) throws -> StartupFault {
        do {
            try body()
        } catch {
            return try #require(error as? StartupFault)
        }
        throw Missing()
    }

    private struct Missing: Error {}

    @Test func `a flag wins over the environment, that over the file, that over the default`() throws {
        let file = "listen: file:1\n"
        let environment = ["MARTLET_LISTEN": "environment:2"]
        #expect(try self.options().string("listen", default: "default") == "default")
        #expect(try self.options(file: file).string("listen", default: "default") == "file:1")
        #expect(try self.options(environment: environment, file: file).string("listen") == "environment:2")
        let all = try self.options(flags: ["listen": "flag:3"], environment: environment, file: file)
        #expect(try all.string("listen") == "flag:3")
    }

    @Test func `what is done once and knowingly counts on the command line only`() throws {
        #expect(try self.options(flags: ["accept-loss": Options.on(true)]).isOnCommandLine("accept-loss"))
        let flags: [String: String?] = ["accept-loss": nil]
        #expect(try !self.options(flags: flags).isOnCommandLine("accept-loss"))
        let inVariable = try self.fault {
            _ = try self.options(flags: flags, environment: ["MARTLET_ACCEPT_LOSS": "1"]).isOnCommandLine("accept-loss")
        }
        #expect(inVariable.exit == .configuration && inVariable.description.contains("MARTLET_ACCEPT_LOSS"))
        let inFile = try self.fault {
            _ = try self.options(flags: flags, file: "accept-loss: true\n").isOnCommandLine("accept-loss")
        }
        #expect(inFile.exit == .configuration && inFile.description.contains("martlet.yaml: accept-loss"))
        // Nor beside the flag: the next restore would find it.
        #expect(throws: StartupFault.self) {
            try self.options(flags: ["accept-loss": Options.on(true)], file: "accept-loss: yes\n")
                .isOnCommandLine("accept-loss")
        }
    }

    @Test func `a name with a dash is found everywhere`() throws {
        #expect(
            try self.options(environment: ["MARTLET_DRAIN_DELAY": "2m"]).duration("drain-delay", default: .zero)
                == .seconds(120)
        )
        #expect(try self.options(file: "drain-delay: 7s\n").duration("drain-delay", default: .zero) == .seconds(7))
        #expect(try self.options(file: "drain-delay: 7\n").duration("drain-delay", default: .zero) == .seconds(7))
    }

    @Test func `an empty variable is no value`() throws {
        #expect(try self.options(environment: ["MARTLET_LISTEN": ""]).string("listen") == nil)
    }

    @Test func `the environment can name the file`() throws {
        let path = "\(self.folder.path)/other.yaml"
        try DurableFile.write(Array("listen: there:1".utf8), to: path)
        #expect(try self.options(environment: ["MARTLET_CONFIG": path]).string("listen") == "there:1")
    }

    @Test func `a bad flag is bad usage, a bad variable or file bad configuration, and each is named`() throws {
        let flag = try self.fault {
            _ = try self.options(flags: ["workers": "many"]).int("workers", default: 1, in: 1...9)
        }
        #expect(flag.exit == .usage)
        #expect(flag.description.hasPrefix("--workers: "))
        let variable = try self.fault {
            _ = try self.options(environment: ["MARTLET_WORKERS": "10"]).int("workers", default: 1, in: 1...9)
        }
        #expect(variable.exit == .configuration)
        #expect(variable.description.hasPrefix("MARTLET_WORKERS: "))
        let file = try self.fault { _ = try self.options(file: "workers: 0\n").int("workers", default: 1, in: 1...9) }
        #expect(file.exit == .configuration)
        #expect(file.description.contains("martlet.yaml: workers: "))
        #expect(file.description.contains("1...9"))
    }

    @Test func `an error does not repeat the value, which may be a secret`() throws {
        let fault = try self.fault {
            _ = try self.options(environment: ["MARTLET_WORKERS": "hunter2"]).int("workers", default: 1, in: 1...9)
        }
        #expect(!fault.description.contains("hunter2"))
        let nested = try self.fault {
            _ = try self.options(file: "listen: {secret: hunter2}\nquiet: no\n").list("quiet")
            _ = try self.options(file: "listen: [hunter2]").string("listen")
        }
        #expect(!nested.description.contains("hunter2"))
    }

    @Test func `a key of the file that no option has is refused by name and line`() throws {
        let fault = try self.fault { _ = try self.options(file: "# a comment\nlisten: a:1\nlissten: b:2\n") }
        #expect(fault.exit == .configuration)
        #expect(fault.description.contains(":3: there is no option lissten"))
    }

    @Test func `a file that is missing, not YAML or no mapping is refused, but not a missing default one`() throws {
        let none = "\(self.folder.path)/none.yaml"
        #expect(try self.fault { _ = try Options(flags: ["config": none], environment: [:]) }.exit == .configuration)
        _ = try Options(flags: [:], environment: [:], defaultFile: none)
        #expect(try self.fault { _ = try self.options(file: "listen: [a\n") }.exit == .configuration)
        #expect(try self.fault { _ = try self.options(file: "- a\n- b\n") }.exit == .configuration)
    }

    @Test func `an empty file is no configuration`() throws {
        #expect(try self.options(file: "").string("listen") == nil)
        #expect(try self.options(file: "# nothing yet\n").string("listen") == nil)
    }

    @Test func `lists are commas in flags and variables, and a sequence or commas in the file`() throws {
        let expected = ["http://a", "http://b"]
        #expect(try self.options(flags: ["control": "http://a,http://b"]).list("control") == expected)
        #expect(try self.options(environment: ["MARTLET_CONTROL": "http://a, http://b"]).list("control") == expected)
        #expect(try self.options(file: "control: [\"http://a\", \"http://b\"]\n").list("control") == expected)
        #expect(try self.options(file: "control: http://a,http://b\n").list("control") == expected)
        #expect(try self.options().list("control") == [])
    }

    @Test func `a switch that is off on the command line can still be on in the file`() throws {
        #expect(try self.options(flags: ["quiet": Options.on(false)], file: "quiet: true\n").isOn("quiet"))
        #expect(try self.options(flags: ["quiet": Options.on(true)], file: "quiet: false\n").isOn("quiet"))
        #expect(try self.options().isOn("quiet") == false)
        #expect(try self.fault { _ = try self.options(file: "quiet: perhaps\n").isOn("quiet") }.exit == .configuration)
    }

    @Test func `a required option that nobody gave says what to give`() throws {
        let fault = try self.fault { _ = try self.options().required("control", hint: "the control plane's URL") }
        #expect(fault.exit == .usage)
        #expect(fault.description == "--control is missing: give the control plane's URL (or set MARTLET_CONTROL)")
    }

    @Test func `reading an option that was not declared is a defect`() async {
        await #expect(processExitsWith: .failure) {
            let options = try Options(flags: [:], environment: [:])
            _ = try options.string("undeclared")
        }
    }

    @Test(arguments: [
        ("500ms", 500), ("0", 0), ("5", 5000), ("5s", 5000), ("2m", 120_000), ("1h", 3_600_000), ("7d", 604_800_000),
    ]) func `durations are read`(text: String, milliseconds: Int64) {
        #expect(Duration(written: text) == .milliseconds(milliseconds))
        #expect(Duration(written: text)?.wholeMilliseconds == milliseconds)
    }

    @Test(arguments: ["", "s", "-1s", "1.5s", "5 s", "5x", "99999999999999999999", "9223372036854775807h", "40000d"])
    func `what is no duration is refused`(text: String) { #expect(Duration(written: text) == nil) }

    @Test(arguments: [
        ("127.0.0.1:8480", "127.0.0.1", 8480, true), ("127.1.2.3:1", "127.1.2.3", 1, true), ("[::1]:0", "::1", 0, true),
        ("localhost:65535", "localhost", 65_535, true), ("0.0.0.0:80", "0.0.0.0", 80, false),
        ("[::]:80", "::", 80, false),
        ("localhost.example.com:80", "localhost.example.com", 80, false),
        ("127.0.0.1.evil:80", "127.0.0.1.evil", 80, false),
    ]) func `addresses are read, and only this machine's own are loopback`(
        text: String,
        host: String,
        port: Int,
        isLoopback: Bool
    ) throws {
        let address = try #require(NetworkAddress(text))
        #expect(address == NetworkAddress(host: host, port: port))
        #expect(address.isLoopback == isLoopback)
        #expect(address.description == text)
    }

    @Test(arguments: ["", "8480", ":80", "a:", "a:b", "a:65536", "a:-1", "::1:80", "http://a:80", "[]:80", "a b:80"])
    func `what is no address is refused`(text: String) { #expect(NetworkAddress(text) == nil, "\(text)") }

    @Test func `plain HTTP beyond loopback needs its own flag`() throws {
        let open = NetworkAddress(host: "0.0.0.0", port: 80)
        let fault = try self.fault {
            try open.checkPlaintext(option: "listen", hasTLS: false, insecurePlaintext: false)
        }
        #expect(fault.exit == .configuration)
        #expect(fault.description.contains("--insecure-plaintext"))
        try open.checkPlaintext(option: "listen", hasTLS: true, insecurePlaintext: false)
        try open.checkPlaintext(option: "listen", hasTLS: false, insecurePlaintext: true)
        try NetworkAddress(host: "::1", port: 80).checkPlaintext(
            option: "listen",
            hasTLS: false,
            insecurePlaintext: false
        )
    }
}
