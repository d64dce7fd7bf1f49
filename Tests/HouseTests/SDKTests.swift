import Foundation
import TestSupport
import Testing

extension HouseSuite {
    /// The SDKs, as their users have them, in a Python environment of the tests' own.
    private enum SDK {
        static let openAI = "openai==3.57.0"

        /// `.build/sdk`: made once, and made anew when the list of packages changes.
        static func environment() async throws -> URL {
            let folder = Repository.root.appending(path: ".build/sdk")
            let made = folder.appending(path: "made")
            let log = Repository.root.appending(path: ".build/sdk.log")
            guard (try? String(contentsOf: made, encoding: .utf8)) != self.openAI else { return folder }
            for (program, arguments) in [
                ("/usr/bin/env", ["python3", "-m", "venv", "--clear", folder.path()]),
                (folder.appending(path: "bin/pip").path(), ["install", "--quiet", self.openAI]),
            ] {
                let process = try Program(program, arguments, log: log)
                let status = try await process.ended(within: .seconds(300))
                try #require(status == 0, "\(program) \(arguments.joined(separator: " ")): \(process.words)")
            }
            try self.openAI.write(to: made, atomically: true, encoding: .utf8)
            return folder
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `the OpenAI SDK works with only its base URL and key changed`() async throws {
        let python = try await SDK.environment().appending(path: "bin/python").path()
        try await House.scoped(nodes: 1) { house in
            let script = Repository.root.appending(path: "Tests/HouseTests/SDK/openai_chat.py").path()
            let log = house.folder.file("sdk.log")
            let process = try Program(
                python,
                ["-B", script, "http://\(try house.node(0).traffic)/v1", house.simulatorURL],
                environment: [
                    "MARTLET_KEY": try await house.makeKnownKey().key,
                    "MARTLET_NARROW_KEY": try await house.makeKnownKey(role: "narrow").key,
                ],
                log: log
            )
            let status = try await process.ended(within: .seconds(240))
            let report = try String(contentsOf: log, encoding: .utf8)
            print(report)
            #expect(status == 0, "\(report)")
        }
    }
}
