import Domain
import Platform
import TestSupport
import Testing

@testable import DataPlane

/// How many exchanges an event loop takes on, whose, and when it has more to do than it can.
@Suite struct PlacesTests {
    private static func places(max: Int = 3, perApplication: Int = 2, abandoned: Int = 1) -> Places {
        var bounds = Places.Bounds()
        bounds.exchangesMax = max
        bounds.perApplicationMax = perApplication
        bounds.abandonedPerApplicationMax = abandoned
        return Places(bounds)
    }

    @Test func `an application has its share, everybody together has all`() throws {
        let (ann, bob) = (try #require(ApplicationID("ann")), try #require(ApplicationID("bob")))
        var places = Self.places()
        let answers = [ann, ann, ann, bob, bob].map { places.take($0) }
        #expect(answers == [nil, nil, .placesOfApplication, nil, .places])
        places.leave(ann, wasAbandoned: false)
        let last = places.take(bob)
        #expect(last == nil && places.count == 3)
    }

    @Test func `the bounds of a node are shared out among its loops, and callers leave files for others`() throws {
        func bounds(_ flags: [String: String] = [:], loops: Int, openFiles: Int = 1_000_000) throws -> Places.Bounds {
            let names = ["exchanges-max", "exchanges-per-key-max"]
            let known = Dictionary(uniqueKeysWithValues: names.map { ($0, flags[$0]) })
            let options = try Options(flags: known, environment: [:])
            return try Places.Bounds(options, loops: loops, openFiles: openFiles)
        }
        #expect(try bounds(loops: 1) == Places.Bounds())
        let set = try bounds(["exchanges-max": "100", "exchanges-per-key-max": "2"], loops: 4)
        #expect(set.exchangesMax == 25 && set.perApplicationMax == 1)
        // What a node with as many loops as it may have runs with can be written down.
        #expect(try bounds(["exchanges-max": "4194304"], loops: 256).exchangesMax == 16_384)
        #expect(try bounds(loops: 2, openFiles: 1_024).connectionsMax == 256)
        #expect(try bounds(loops: 64, openFiles: 64).connectionsMax == 1)
        for (name, bad) in [("exchanges-max", "0"), ("exchanges-max", "1000001"), ("exchanges-per-key-max", "-1")] {
            #expect(throws: StartupFault.self) { try bounds([name: bad], loops: 1) }
        }
    }

    @Test func `an application holds so much of requests, whatever others hold`() throws {
        let (ann, bob) = (try #require(ApplicationID("ann")), try #require(ApplicationID("bob")))
        var bounds = Places.Bounds()
        bounds.bodyBytesPerApplicationMax = 100
        var places = Places(bounds)
        _ = (places.take(ann), places.take(bob))
        let answers = [places.hold(60, of: ann), places.hold(41, of: ann), places.hold(100, of: bob)]
        #expect(answers == [nil, .memoryOfApplication, nil])
        places.letGo(60, of: ann)
        let again = places.hold(100, of: ann)
        #expect(again == nil)
    }

    @Test func `answers that nobody waits for have a bound of their own`() throws {
        let (ann, bob) = (try #require(ApplicationID("ann")), try #require(ApplicationID("bob")))
        var places = Self.places()
        _ = (places.take(ann), places.take(ann), places.take(bob))
        let answers = [ann, ann, bob].map { places.abandon($0) }
        #expect(answers == [true, false, true])
        places.leave(ann, wasAbandoned: true)
        let last = places.abandon(ann)
        #expect(last)
    }

    @Test(arguments: 1...20) func `in whatever order, counts are what is there`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let applications = try ["a", "b", "c"].map { try #require(ApplicationID($0)) }
        var places = Self.places(max: 10, perApplication: 5, abandoned: 3)
        var held: [(application: ApplicationID, isAbandoned: Bool)] = []
        for _ in 0..<500 {
            let application = applications[Int.random(in: 0..<3, using: &random)]
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                let lack = places.take(application)
                let own = held.count { $0.application == application }
                #expect(lack == (held.count == 10 ? .places : own == 5 ? .placesOfApplication : nil))
                if lack == nil { held.append((application, false)) }
            case 1:
                guard let index = held.firstIndex(where: { $0.application == application && !$0.isAbandoned }) else {
                    continue
                }
                let isRoom = held.count { $0.application == application && $0.isAbandoned } < 3
                let mayDrain = places.abandon(application)
                #expect(mayDrain == isRoom)
                held[index].isAbandoned = isRoom
            default:
                guard let index = held.indices.randomElement(using: &random) else { continue }
                let gone = held.remove(at: index)
                places.leave(gone.application, wasAbandoned: gone.isAbandoned)
            }
            #expect(places.count == held.count)
        }
    }

    @Test func `a loop that stays late turns away a share that grows with its lateness`() {
        let cases: [(milliseconds: Int64, ofAThousand: Int)] = [
            (0, 0), (250, 0), (400, 200), (625, 500), (1_000, 1_000), (60_000, 1_000), (-5, 0),
        ]
        for (milliseconds, expected) in cases {
            var shedding = LoadShedding()
            // One late look is none, and one in time ends it.
            let shed = [milliseconds, milliseconds, 0].map { Self.shed(&shedding, afterLookLateBy: $0) }
            #expect(shed == [0, expected, 0], "\(milliseconds)")
        }
    }

    /// Of the next thousand requests.
    private static func shed(_ shedding: inout LoadShedding, afterLookLateBy milliseconds: Int64) -> Int {
        shedding.looked(lateByMilliseconds: milliseconds)
        var count = 0
        for _ in 0..<1_000 where shedding.turnsAway() { count += 1 }
        return count
    }
}
