/// Hands out hostile requests in a random order that a seed repeats.
struct HostileDeck {
    /// How often each kind comes, out of their sum. Slow and very long ones cost the attacker the most.
    private static let weights: [(kind: HostileRequest.Kind, weight: Int)] = [
        (.bodies, 20), (.ambiguousFields, 14), (.smuggling, 20), (.cut, 10), (.oversized, 3), (.slow, 1),
        (.pipelined, 6), (.randomBytes, 6), (.spoilt, 8), (.foreign, 3), (.keys, 10), (.paths, 10),
    ]

    let caller: HostileCaller
    let cases: JSONCases
    private let weights: [(kind: HostileRequest.Kind, weight: Int)]
    var generator: SeededGenerator

    /// With requests of `kinds` alone; without any named, of all.
    init(caller: HostileCaller, cases: JSONCases, kinds: Set<HostileRequest.Kind> = [], seed: UInt64) {
        self.caller = caller
        self.cases = cases
        self.weights = kinds.isEmpty ? Self.weights : Self.weights.filter { kinds.contains($0.kind) }
        self.generator = SeededGenerator(seed: seed)
    }

    /// Without slow ones where as many are under way as may be, unless they are all there is.
    mutating func next(maySlow: Bool) -> HostileRequest {
        var drawn = self.number(in: 0..<self.weights.reduce(0) { $0 + $1.weight })
        for (kind, weight) in self.weights {
            drawn -= weight
            if drawn < 0 { return self.request(kind == .slow && !maySlow && self.weights.count > 1 ? .bodies : kind) }
        }
        return self.request(.bodies)
    }

    mutating func request(_ kind: HostileRequest.Kind) -> HostileRequest {
        switch kind {
        case .bodies: HostileRequest(kind, self.caller.post(self.brokenBody()), .replies(1))
        case .ambiguousFields: HostileRequest(kind, self.caller.post(self.ambiguousBody()), .replies(1))
        case .smuggling: HostileRequest(kind, self.smuggling(), .closed)
        case .cut: self.cut()
        case .oversized: self.oversized()
        case .slow: self.slow()
        case .pipelined: self.pipelined()
        case .randomBytes: HostileRequest(kind, self.randomBytes(), .halfClosed)
        case .spoilt: HostileRequest(kind, self.spoilt(), .halfClosed)
        case .foreign: self.foreign()
        case .keys: self.keys()
        case .paths: self.paths()
        }
    }

    mutating func number(in range: Range<Int>) -> Int { Int.random(in: range, using: &self.generator) }

    mutating func one<Element>(of table: [Element], or other: Element) -> Element {
        table.randomElement(using: &self.generator) ?? other
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self.generator) }
    }
}
