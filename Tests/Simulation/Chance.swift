/// All that is random in a simulation, from its seed: SplitMix64.
struct Chance {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 to one less than `bound`.
    mutating func any(below bound: Int64) -> Int64 { Int64(self.next() % UInt64(max(bound, 1))) }

    mutating func isChosen(_ ofThousand: Int) -> Bool { self.any(below: 1_000) < ofThousand }
}
