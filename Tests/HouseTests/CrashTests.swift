import Foundation
import TestSupport
import Testing

extension HouseSuite {
    /// Twenty, or what `MARTLET_KILLS` says for a longer look.
    private static let kills = ProcessInfo.processInfo.environment["MARTLET_KILLS"].flatMap { Int($0) } ?? 20

    /// `kill -9`, many times, at moments that nobody chose, of whoever the dice say, while callers ask on.
    @Test(.timeLimit(.minutes(30)))
    func `whoever is killed at whatever moment, every answer is counted once or declared unconfirmed`() async throws {
        var random = SeededGenerator.printed()
        let knobs = "latency=2;chunks=4;delay=3;prompt=5-500;cached=0-400;completion=1-200;fail=0.05;status=500"
        try await House.scoped(nodes: 2, knobs: knobs, seed: random.seed) { house in
            let key = try await house.makeKnownKey()
            // A node that dies twice within a minute of taking a snapshot starts with the one before: both must know
            // the key.
            for _ in 0..<2 { try await house.publish(provenBy: key.key) }
            let load = Load(on: house, key: key.key)
            let seed = random.next()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await load.run(callers: 8, seed: seed) }
                defer { load.stop() }
                for round in 1...Self.kills { try await Self.killSomebody(in: house, round, load, &random) }
            }
            #expect(load.soFar.answered > 200, "\(load.soFar)")
            // An orderly end sends all that the spool holds, and says how far it came.
            for number in house.nodeNumbers {
                let node = try house.node(number).program
                #expect(try await node.stop() == 0, "\(node.words)")
                try node.expectDrainedSpool()
            }
            let books = try await Books(of: house)
            books.expectAgreement()
            print(
                "\(Self.kills) kills: \(books.counted.count) attempts counted, \(books.unconfirmed.count) unconfirmed, \(load.soFar)"
            )
        }
    }

    /// Lets the callers get some answers, kills a node or the control plane, and starts it again.
    private static func killSomebody(
        in house: House,
        _ round: Int,
        _ load: Load,
        _ random: inout SeededGenerator
    ) async throws {
        let before = load.soFar.answered
        let answers = Int.random(in: 1...30, using: &random)
        try await eventually(within: .seconds(30), "round \(round): \(answers) more answers: \(load.soFar)") {
            load.soFar.answered >= before + answers
        }
        switch Int.random(in: 0...2, using: &random) {
        case 0:
            try await house.killControl()
            try await house.startControl()
        case let victim:
            try await house.node(victim - 1).program.kill()
            try await house.startNode(victim - 1)
        }
    }
}
