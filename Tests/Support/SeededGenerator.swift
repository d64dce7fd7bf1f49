import Foundation

/// Random numbers that a failing test can have again: SplitMix64 from a seed that is printed.
///
/// `MARTLET_SEED=n swift test --filter …` repeats a run.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    package let seed: UInt64
    private var state: UInt64

    package init(seed: UInt64) {
        self.seed = seed
        self.state = seed
    }

    /// The seed of `MARTLET_SEED`, else a fresh one; printed with the name of the test that drew it.
    package static func printed(for test: String = #function) -> SeededGenerator {
        let wanted = ProcessInfo.processInfo.environment["MARTLET_SEED"].flatMap(UInt64.init)
        let seed = wanted ?? UInt64.random(in: .min ... .max)
        print("seed of \(test): MARTLET_SEED=\(seed)")
        return SeededGenerator(seed: seed)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
