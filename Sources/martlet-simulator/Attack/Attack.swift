import ArgumentParser
import Foundation
import NIOCore
import NIOPosix

/// `martlet-simulator attack`: sends a server what it must refuse, and prints what it answered as JSON.
struct Attack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send what a gateway must refuse, and report.",
        discussion: """
            Broken bodies, ambiguous heads, requests that break off or never end, wrong keys, other protocols: mixed in \
            an order that --seed repeats, each on a connection of its own. Every one must be answered with a 4xx or 503, \
            or its connection closed, within --patience once it has been sent. The key and the model must be good: \
            what a server lets through would then reach its provider.

            SIGINT and SIGTERM end an attack early, with its report. The exit code is 1 if anything was answered \
            otherwise, of which `examples` shows the first.
            """
    )

    @Option(help: "Whom to attack, e.g. http://127.0.0.1:8480.") var url: String
    @Option(help: "A good API key. Default: the environment's MARTLET_KEY.") var key: String?
    @Option(help: "A good model or route.") var model = "assistant"
    @Option(help: "Hostile requests in all.") var requests = 10_000
    @Option(help: "Connections at once.") var connections = 32
    @Option(help: "Hostile requests a second at most.") var rate: Double?
    @Option(help: "Seconds that an answer or the connection's end may take.") var patience = 15.0
    @Option(help: "Seed of the order and of everything random.") var seed: UInt64 = 1
    @Option(help: "Only these kinds: \(HostileRequest.Kind.allCases.map(\.rawValue).joined(separator: ",")).")
    var only: String?
    @Option(help: "Folder with JSONTestSuite's texts: n_*.json and i_*.json, or parsing.json.") var jsonCases: String?

    func validate() throws {
        guard (1...1_000_000_000).contains(self.requests) else {
            throw ValidationError("--requests is 1 to 1000000000")
        }
        guard (1...10_000).contains(self.connections) else { throw ValidationError("--connections is 1 to 10000") }
        guard self.patience > 0, self.patience <= 3_600 else {
            throw ValidationError("--patience is over 0, at most 3600")
        }
        if let rate = self.rate, !(rate > 0 && rate <= 1_000_000) {
            throw ValidationError("--rate is over 0, at most 1000000")
        }
        _ = try Target(self.url)
        _ = try self.goodKey()
        _ = try self.kinds()
    }

    func run() async throws {
        let target = try Target(self.url)
        let deck = HostileDeck(
            caller: HostileCaller(authority: target.authority, key: try self.goodKey(), model: self.model),
            cases: try self.jsonCases.map(JSONCases.init(folder:)) ?? JSONCases(),
            kinds: try self.kinds(),
            seed: self.seed
        )
        let plan = AttackShare.Plan(
            target: target,
            requests: self.requests,
            connections: self.connections,
            rate: self.rate,
            patience: .milliseconds(Int64(self.patience * 1_000))
        )
        Interrupt.watch()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let tally = try await AttackShare.run(plan, deck, on: group.next())
        try await group.shutdownGracefully()
        print(try AttackReport(tally, seed: self.seed).json())
        if tally.wrong > 0 { throw ExitCode.failure }
    }

    private func kinds() throws -> Set<HostileRequest.Kind> {
        let named = try (self.only ?? "").split(separator: ",").map { name in
            guard let kind = HostileRequest.Kind(rawValue: String(name)) else {
                throw ValidationError("--only: '\(name)' is no kind; see --help")
            }
            return kind
        }
        return Set(named)
    }

    private func goodKey() throws -> String {
        guard let key = self.key ?? ProcessInfo.processInfo.environment["MARTLET_KEY"], !key.isEmpty else {
            throw ValidationError("an attack wants a good key: MARTLET_KEY or --key")
        }
        return key
    }
}
