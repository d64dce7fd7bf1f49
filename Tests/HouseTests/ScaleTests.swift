import Foundation
import Platform
import TestSupport
import Testing

extension HouseSuite {
    @Test(.timeLimit(.minutes(5)))
    func `the fleet grows and shrinks under load, no request fails, and every answer is counted once`() async throws {
        try await House.scoped(nodes: 0, knobs: "latency=5;prompt=3-90") { house in
            let fleet = try ScaledFleet(of: house)
            defer { fleet.endNow() }
            let key = try await house.makeKey()
            #expect(try await fleet.scale(to: "2") == 0)
            try await eventually(within: .seconds(20), "the fleet knows its key") {
                let headers = [OutgoingHeader("authorization", "Bearer \(key.key)")]
                let request = OutgoingRequest(.get, "\(fleet.url)/v1/models", headers: headers)
                return try await house.client.send(request).status == 200
            }
            let loads = try [[], ["--stream"]].map { try Self.load(on: fleet, of: house, key: key.key, $0) }
            for (wanted, running) in [("6", 6), ("1", 1), ("4", 4), ("4", 4)] {
                #expect(try await fleet.scale(to: wanted) == 0)
                #expect(fleet.running == Array(0..<running))
            }
            for load in loads { #expect(try await load.stop() == 0, "a request failed: \(load.words)") }
            #expect(try await fleet.scale(to: "1") == 0)
            try await Self.expectOneAttemptEach(in: house)
        }
    }

    private static func load(
        on fleet: ScaledFleet,
        of house: House,
        key: String,
        _ options: [String]
    ) throws -> Program {
        let arguments = [
            "load", "--url", "\(fleet.url)/v1/chat/completions", "--model", "assistant", "--connections", "8",
            "--seconds", "200",
        ]
        let log = house.folder.file("load\(options.joined()).log")
        return try Program("martlet-simulator", arguments + options, environment: ["MARTLET_KEY": key], log: log)
    }

    /// No request was sent twice: not by the fleet, and not by haproxy before it.
    private static func expectOneAttemptEach(in house: House) async throws {
        let answers = try await Books(of: house).provider.count
        try await eventually(within: .seconds(30), "all \(answers) answers are counted") {
            try Books.attempts(at: house.databasePath).count >= answers
        }
        let books = try await Books(of: house)
        #expect(books.counted.count == books.provider.count)
        #expect(books.counted.allSatisfy { $0.attempt == 1 && $0.outcome == "answered" && !$0.isUnconfirmed })
        books.expectAgreement()
    }

    @Test(arguments: ["0", "33", "-1", "two", "", "1.5"])
    func `a number of nodes that makes no sense is a usage error`(_ number: String) async throws {
        let folder = try TemporaryFolder("martlet-scale")
        let script = Repository.root.appending(path: "deploy/scale").path()
        let program = try Program(script, [number], log: folder.file("log"))
        #expect(try await program.ended(within: .seconds(20)) == 64)
    }
}
