import Foundation
import TestSupport
import Testing

/// A fleet that `deploy/scale` runs: haproxy and nodes on ports of their own, governed by a house's control plane.
final class ScaledFleet: Sendable {
    let url: String
    private let house: House
    private let folder: URL
    private let environment: [String: String]

    init(of house: House) throws {
        self.house = house
        self.folder = house.folder.file("fleet")
        // Below the ports that the kernel gives out; each node takes two.
        let first = Int.random(in: 200..<300) * 100
        self.url = "http://127.0.0.1:\(first)"
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        self.environment = [
            "MARTLET_HOME": self.folder.path(),
            "MARTLET_BINARIES": URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path(),
            "MARTLET_FLEET_PORT": String(first),
            "MARTLET_FLEET_FIRST": String(first + 2),
            "MARTLET_NODES_API": house.nodesURL,
        ]
        let settings = "MARTLET_URL='\(house.adminURL)'\nMARTLET_TOKEN='\(house.adminToken)'\n"
        try settings.write(to: self.folder.appending(path: "quickstart.env"), atomically: true, encoding: .utf8)
    }

    /// Runs `deploy/scale`; the result is its exit code.
    func scale(to arguments: String...) async throws -> Int32 {
        let log = self.house.folder.file("scale.log")
        let script = Repository.root.appending(path: "deploy/scale").path()
        let program = try Program(script, arguments, environment: self.environment, log: log)
        let status = try await program.ended(within: .seconds(150))
        if status != 0, status != 64 { Issue.record("deploy/scale \(arguments): \(program.words)") }
        return status
    }

    /// The numbers of the nodes whose processes run.
    var running: [Int] { (0..<32).filter { self.pid(of: "node-\($0)") != nil } }

    private func pid(of name: String) -> pid_t? {
        // No file: it has never run, or has been ended.
        let text = try? String(contentsOf: self.folder.appending(path: "run/\(name).pid"), encoding: .utf8)
        guard let pid = text?.split(separator: "\n").first.flatMap({ pid_t($0) }), kill(pid, 0) == 0 else { return nil }
        return pid
    }

    /// At the end of a test, whatever happened: does not wait.
    func endNow() {
        for name in ["haproxy"] + self.running.map({ "node-\($0)" }) {
            if let pid = self.pid(of: name) { kill(pid, name == "haproxy" ? SIGTERM : SIGKILL) }
        }
    }
}
