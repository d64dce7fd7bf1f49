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
}
