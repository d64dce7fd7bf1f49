import Foundation
import TestSupport
import Testing

extension HouseSuite {
    @Test(.timeLimit(.minutes(10)))
    func `the OpenAI SDK works with only its base URL and key changed`() async throws {
        let python = try await PythonEnvironment.made("sdk", ["openai==3.57.0"]).appending(path: "bin/python").path()
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
