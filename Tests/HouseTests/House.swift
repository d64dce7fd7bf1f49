import Foundation
import Platform
import Synchronization
import TestSupport
import Testing

/// The whole house as processes: a simulated provider, a control plane and nodes on free ports of this machine, in a
/// folder of their own. Every process ends with `scoped`.
final class House: Sendable {
    let folder: TemporaryFolder
    let client: OutgoingClient
    private let state = Mutex(State())

    private struct State {
        var simulator: Program?
        var simulatorAddress = ""
        var control: Program?
        var adminAddress = "127.0.0.1:0"
        var nodeAPIAddress = "127.0.0.1:0"
        var adminToken = ""
        var nodes: [Int: Node] = [:]
        var ended: [Program] = []
    }

    /// A node's process, and where its traffic and operations are.
    struct Node: Sendable {
        var program: Program
        var traffic: String
        var operations: String
    }

    private init(client: OutgoingClient) throws {
        self.folder = try TemporaryFolder("martlet-house")
        self.client = client
    }

    /// A house with `nodes` nodes that serve the bundle of `govern`, for the length of `body`. Where it is not `isSolo`,
    /// the model waits for somebody's approval.
    static func scoped(
        nodes: Int,
        knobs: String = "",
        seed: UInt64 = 1,
        isSolo: Bool = true,
        _ body: (House) async throws -> Void
    ) async throws {
        try await OutgoingClient.scoped(OutgoingOptions(proxy: .none)) { client in
            let house = try House(client: client)
            defer { house.endNow() }
            try await house.startSimulator(knobs: knobs, seed: seed)
            try await house.found(isSolo: isSolo)
            try await house.startControl()
            try await house.govern()
            for number in 0..<nodes { try await house.startNode(number) }
            try await body(house)
        }
    }

    private func endNow() {
        let programs = self.state.withLock { state in
            [state.simulator, state.control].compactMap { $0 } + state.nodes.values.map(\.program)
        }
        for program in programs { program.killNow() }
    }

    // MARK: - The simulated provider

    private func startSimulator(knobs: String, seed: UInt64) async throws {
        let arguments = ["serve", "--port", "0", "--seed", String(seed), "--knobs", knobs, "--key", Self.providerKey]
        let program = try Program("martlet-simulator", arguments, log: self.folder.file("simulator.log"))
        self.state.withLock { $0.simulator = program }
        let address = try await program.address("listening on", after: 0)
        self.state.withLock { $0.simulatorAddress = address }
    }

    static let providerKey = "sk-simulated-0123456789"

    var adminURL: String { "http://" + self.state.withLock { $0.adminAddress } }
    var adminToken: String { self.state.withLock { $0.adminToken } }

    var nodesURL: String { "http://" + self.state.withLock { $0.nodeAPIAddress } }

    var simulatorURL: String { "http://" + self.state.withLock { $0.simulatorAddress } }

    // MARK: - The control plane

    private func found(isSolo: Bool) async throws {
        let program = try Program(
            "martlet-control",
            ["init"] + (isSolo ? ["--solo"] : []) + self.controlState,
            log: self.folder.file("init.log")
        )
        let status = try await program.ended(within: .seconds(60))
        try #require(status == 0, "martlet-control init: \(program.words)")
        let token = try String(contentsOf: self.folder.file("keys").appending(path: "admin.token"), encoding: .utf8)
        self.state.withLock { $0.adminToken = token.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    var controlState: [String] {
        ["--database", "sqlite:\(self.databasePath)", "--keys", self.folder.file("keys").path()]
    }

    var databasePath: String { self.folder.file("control.sqlite").path() }

    /// Starts it where it was before, so that nodes find it again.
    func startControl() async throws {
        let log = self.folder.file("control.log")
        let offset = Program.length(of: log)
        let (admin, nodes) = self.state.withLock { ($0.adminAddress, $0.nodeAPIAddress) }
        let arguments = ["serve", "--listen", admin, "--node-listen", nodes, "--drain-delay", "0s"]
        let program = try Program("martlet-control", arguments + self.controlState, log: log)
        self.state.withLock { $0.control = program }
        let taken = (
            try await program.address("admin listening", after: offset),
            try await program.address("nodes listening", after: offset)
        )
        self.state.withLock { ($0.adminAddress, $0.nodeAPIAddress) = taken }
        try await self.ready("http://\(taken.0)", program)
    }

    func killControl() async throws { try await self.control().kill() }
    func stopControl() async throws { try await self.control().stop() }

    private func control() throws -> Program { try #require(self.state.withLock { $0.control }) }

    // MARK: - Nodes

    /// Starts node `number`; one that was there before goes on with its folder and its ports.
    func startNode(_ number: Int, isReady: Bool = true, joinsAnew: Bool = false) async throws {
        let before = self.state.withLock { $0.nodes[number] }
        let log = self.folder.file("node-\(number).log")
        let offset = Program.length(of: log)
        var arguments = [
            "serve", "--control", "http://\(self.state.withLock { $0.nodeAPIAddress })",
            "--data", self.folder.file("node-\(number)").path(), "--drain-delay", "0s",
            "--listen", before?.traffic ?? "127.0.0.1:0", "--operations", before?.operations ?? "127.0.0.1:0",
        ]
        if before == nil || joinsAnew { arguments += ["--join", try await self.joinToken()] }
        let program = try Program("martlet-node", arguments, log: log)
        let addresses = before ?? Node(program: program, traffic: "", operations: "")
        self.state.withLock {
            $0.nodes[number] = Node(program: program, traffic: addresses.traffic, operations: addresses.operations)
        }
        let traffic = try await program.address("traffic listening", after: offset)
        let operations = try await program.address("operations listening", after: offset)
        self.state.withLock { $0.nodes[number] = Node(program: program, traffic: traffic, operations: operations) }
        if isReady { try await self.ready("http://\(operations)", program) }
    }

    func node(_ number: Int) throws -> Node { try #require(self.state.withLock { $0.nodes[number] }) }

    var nodeNumbers: [Int] { self.state.withLock { $0.nodes.keys.sorted() } }

    private func ready(_ url: String, _ program: Program) async throws {
        try await eventually(within: .seconds(60), "\(program.name) is ready (log: \(program.words))") {
            guard program.isRunning else { throw Program.Ended(name: program.name, words: program.words) }
            return try await self.isReady(url)
        }
    }

    func isReady(_ url: String) async throws -> Bool {
        do {
            return try await self.client.send(OutgoingRequest(.get, "\(url)/readyz", timeout: .seconds(5))).status
                == 200
        } catch {
            return false  // Nobody listens there yet.
        }
    }
}
