import Glibc
import Simulation

/// Runs fleets, one seed after another, and says how long each took and which broke a law.
@main
struct Simulate {
    private var first: UInt64 = 1
    private var count: UInt64 = 1_000
    private var isSuite = false

    static func main() {
        guard let simulate = Simulate(CommandLine.arguments.dropFirst()) else {
            print("usage: Simulate [--seeds N] [--first S]")
            exit(64)
        }
        exit(simulate.run() ? 0 : 1)
    }

    private init?(_ arguments: some Sequence<String>) {
        var words = arguments.makeIterator()
        while let option = words.next() {
            guard let value = words.next().flatMap({ UInt64($0) }) else { return nil }
            switch option {
            case "--seeds": self.count = value
            case "--first": self.first = value
            default: return nil
            }
        }
    }

    private func run() -> Bool {
        var times = Times()
        var broken = 0
        for seed in self.first..<self.first + self.count {
            let clock = ContinuousClock()
            let start = clock.now
            var fleet = Fleet(FleetPlan(seed: seed), seed: seed)
            fleet.run()
            times.add(start.duration(to: clock.now), nodes: fleet.plan.nodes, steps: fleet.steps)
            if let flaw = fleet.flaws.first {
                broken += 1
                print("✗ seed \(seed), \(fleet.plan.nodes) nodes: \(flaw)")
                print("  again: deploy/soak --seeds 1 --first \(seed)")
                print("  \(fleet.plan)")
            }
            fflush(nil)
            if (seed - self.first + 1).isMultiple(of: 500) { print("  \(seed - self.first + 1) seeds: \(times)") }
        }
        print("\(self.count) seeds from \(self.first) on, of which \(broken) broke a law: \(times)")
        return broken == 0
    }
}

/// How long seeds took, by the size of their fleet.
private struct Times: CustomStringConvertible {
    private struct Class {
        var count = 0
        var steps = 0
        var total = Duration.zero
        var longest = Duration.zero
    }

    private static let bounds = [8, 20, Int.max]
    private var classes = Self.bounds.map { _ in Class() }

    mutating func add(_ time: Duration, nodes: Int, steps: Int) {
        let index = Self.bounds.firstIndex { nodes <= $0 } ?? 0
        self.classes[index].count += 1
        self.classes[index].steps += steps
        self.classes[index].total += time
        self.classes[index].longest = max(self.classes[index].longest, time)
    }

    var description: String {
        let count = self.classes.reduce(0) { $0 + $1.count }
        let total = self.classes.reduce(Duration.zero) { $0 + $1.total }
        let parts = zip(Self.bounds, self.classes).filter { $0.1.count > 0 }.map { bound, of in
            let size = bound == .max ? "more nodes" : "≤ \(bound) nodes"
            return "\(of.count) of \(size) \(Self.milliseconds(of.total / of.count)) ms"
                + " (at most \(Self.milliseconds(of.longest)), \(of.steps / of.count) steps)"
        }
        return "\(Self.milliseconds(total / max(count, 1))) ms each; " + parts.joined(separator: ", ")
    }

    private static func milliseconds(_ time: Duration) -> Int64 {
        time.components.seconds * 1_000 + time.components.attoseconds / 1_000_000_000_000_000
    }
}
