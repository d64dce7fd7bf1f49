import Foundation
import TestSupport
import Testing

extension HouseSuite {
    /// `.build/console` has the screenshots then.
    @Test(.timeLimit(.minutes(10)))
    func `people can use the console in a browser, without a mouse and without JavaScript`() async throws {
        let python = try await PythonEnvironment.made("browser", ["selenium==4.51.0"]).appending(path: "bin/python")
        try await House.scoped(nodes: 2, isSolo: false) { house in
            let script = Repository.root.appending(path: "Tests/HouseTests/Console/console.py").path()
            let pictures = Repository.root.appending(path: ".build/console").path()
            let log = house.folder.file("console.log")
            let process = try Program(
                python.path(),
                ["-B", script, house.adminURL, "http://\(try house.node(0).traffic)", pictures],
                environment: ["MARTLET_TOKEN": house.adminToken],
                log: log
            )
            let status = try await process.ended(within: .seconds(300))
            let report = try String(contentsOf: log, encoding: .utf8)
            print(report)
            #expect(status == 0, "\(report)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `people sign in to the console at an OpenID Connect provider, in a browser`() async throws {
        let python = try await PythonEnvironment.made("browser", ["selenium==4.51.0"]).appending(path: "bin/python")
        try await House.scoped(nodes: 0) { house in
            // Now that it has a port: where it listens is where people are sent back to.
            try await house.stopControl()
            try await house.startControl()
            let script = Repository.root.appending(path: "Tests/HouseTests/Console/sign_in.py").path()
            let pictures = Repository.root.appending(path: ".build/console").path()
            let log = house.folder.file("sign-in.log")
            let process = try Program(
                python.path(),
                ["-B", script, house.adminURL, pictures],
                environment: ["MARTLET_TOKEN": house.adminToken],
                log: log
            )
            let status = try await process.ended(within: .seconds(120))
            let report = try String(contentsOf: log, encoding: .utf8)
            print(report)
            #expect(status == 0, "\(report)")
            let words = try String(contentsOf: house.folder.file("control.log"), encoding: .utf8)
            #expect(!words.contains("s3cret") && !words.contains("code="), "no secret or code is logged")
            #expect(words.contains("console sign-in failed"))
        }
    }
}
