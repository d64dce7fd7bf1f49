import Foundation
import Platform
import TestSupport
import Testing

extension HouseSuite {
    /// The simulator's attacker judges each answer: a 4xx, 503 or a closed connection. Any other makes it exit with 1.
    @Test(.timeLimit(.minutes(5)))
    func `an attacker is refused, good callers are answered meanwhile, and the provider sees only theirs`() async throws
    {
        var random = SeededGenerator.printed()
        try await House.scoped(nodes: 1) { house in
            let key = try await house.makeKnownKey()
            let attack = try Self.attack(on: house, key: key.key, seed: random.next())
            let load = Load(on: house, key: key.key)
            let seed = random.next()
            let status = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await load.run(callers: 2, seed: seed) }
                defer { load.stop() }
                return try await attack.ended(within: .seconds(180))
            }
            #expect(status == 0, "\(attack.words)")
            #expect(load.soFar.failed == 0 && load.soFar.answered > 0, "\(load.soFar)")
            let books = try await Books(of: house)
            #expect(books.provider.count == load.soFar.answered)
            try await Self.expectNothingHeld(by: house)
        }
    }

    private static func attack(on house: House, key: String, seed: UInt64) throws -> Program {
        let url = "http://\(try house.node(0).traffic)"
        var arguments = [
            "attack", "--url", url, "--model", "assistant", "--requests", "600", "--seed", String(seed),
        ]
        if Fixtures.arePresent { arguments += ["--json-cases", Fixtures.url("json").path()] }
        let log = house.folder.file("attack.log")
        return try Program("martlet-simulator", arguments, environment: ["MARTLET_KEY": key], log: log)
    }

    /// Neither exchanges nor bodies; of the callers' connections only those that our own client keeps.
    private static func expectNothingHeld(by house: House) async throws {
        try await eventually(within: .seconds(20), "no exchange, body or attacker's connection is held") {
            let metrics = try await house.metrics(of: 0)
            return metrics.value("martlet_exchanges_in_flight") == 0 && metrics.value("martlet_bodies_bytes") == 0
                && metrics.value("martlet_client_connections") ?? .infinity <= 8
        }
    }
}
