import Domain
import TestSupport
import Testing

/// 600 requests a minute over four nodes. A bucket holds back an eightieth of its rate, so that it may let through so much
/// at once: no node lets through more than its share of a minute and one request.
@Suite struct `A limit over many nodes` {
    private static let most = 600 + 4
    private static let least = 588

    private static func fleet(_ demands: [Double], _ random: SeededGenerator) throws -> LimitFleet {
        let limit = Limit(name: try #require(Name("rate")), requestsPerMinute: 600)
        var fleet = LimitFleet(limit, random)
        for (index, demand) in demands.enumerated() { fleet.join(try self.boot(index), demand: demand) }
        return fleet
    }

    private static func boot(_ index: Int) throws -> ID<Boot> { try #require(ID("b\(index)")) }

    @Test func `every whole minute lets through what the limit says, however uneven the load`() throws {
        var fleet = try Self.fleet([900, 600, 400, 250], .printed())
        fleet.run(minutes: 6)
        for minute in fleet.admitted.dropFirst().prefix(5) {
            #expect((Self.least...Self.most).contains(minute), "\(fleet.admitted)")
        }
        #expect(fleet.mostInForce <= 600_000)
    }

    @Test func `shares follow demand to where it goes`() throws {
        var fleet = try Self.fleet([900, 30, 30, 30], .printed())
        fleet.run(minutes: 2)
        let first = fleet.nodes[0].allowances.share(of: fleet.key, at: fleet.now)?.requests ?? 0
        #expect(first > 480_000, "\(first)")
        (fleet.nodes[0].demand, fleet.nodes[3].demand) = (30, 900)
        fleet.run(minutes: 2)
        let last = fleet.nodes[3].allowances.share(of: fleet.key, at: fleet.now)?.requests ?? 0
        #expect(last > 480_000, "\(last)")
        #expect(fleet.admitted.prefix(4).dropFirst().allSatisfy { $0 <= Self.most }, "\(fleet.admitted)")
        #expect(fleet.admitted[1] >= 540 && fleet.admitted[3] >= 540, "\(fleet.admitted)")
        #expect(fleet.mostInForce <= 600_000)
    }

    @Test func `a node that dies leaves its share to the others, and one that comes gets its own`() throws {
        var fleet = try Self.fleet([900, 600, 400, 250], .printed())
        fleet.run(minutes: 2)
        fleet.die(1)
        fleet.run(minutes: 2)
        fleet.join(try Self.boot(9), demand: 700)
        fleet.run(minutes: 2)
        let counts = fleet.admitted
        #expect(counts.prefix(6).dropFirst().allSatisfy { $0 <= Self.most }, "\(counts)")
        #expect(counts[1] >= Self.least && counts[3] >= Self.least && counts[5] >= Self.least, "\(counts)")
        // It is heard of no more for the time that its share was good for.
        #expect(counts[2] >= 540 && counts[4] >= 570, "\(counts)")
        #expect(fleet.mostInForce <= 600_000)
    }

    @Test func `shares in force never come to more than the limit, whatever becomes of messages`() throws {
        var random = SeededGenerator.printed()
        for _ in 0..<6 {
            let demands = (0..<4).map { _ in Double.random(in: 20...900, using: &random) }
            var fleet = try Self.fleet(demands, SeededGenerator(seed: random.next()))
            fleet.lost = Int.random(in: 0...60, using: &random)
            for turn in 0..<3 {
                fleet.run(minutes: 1)
                if turn == 1 { fleet.die(Int.random(in: 0..<4, using: &random)) }
                for index in fleet.nodes.indices { fleet.nodes[index].demand = .random(in: 20...900, using: &random) }
            }
            #expect(fleet.mostInForce <= 600_000 && fleet.mostInForce > 0, "\(demands), \(fleet.lost) lost")
        }
    }

    @Test func `without a control plane each node goes by an equal part`() throws {
        var fleet = try Self.fleet([900, 600, 400, 250], .printed())
        fleet.lost = 100
        fleet.run(minutes: 3)
        #expect(fleet.admitted.prefix(3).dropFirst().allSatisfy { (Self.least...Self.most).contains($0) })
        #expect(fleet.mostInForce == 0)
    }

    @Test func `a control plane that has forgotten all raises nobody until what it told before has ended`() throws {
        var fleet = try Self.fleet([900, 600, 400, 250], .printed())
        fleet.run(minutes: 2)
        fleet.shares = LimitShares(at: fleet.now)
        fleet.nodes[1].demand = 0
        fleet.run(minutes: 2)
        #expect(fleet.admitted.prefix(4).dropFirst().allSatisfy { $0 <= Self.most }, "\(fleet.admitted)")
        #expect(fleet.mostInForce <= 600_000)
    }
}
