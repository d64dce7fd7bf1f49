import Domain

/// Sums by step and group, of which only the first `limit` are wanted. Never are more than twice as many held, however
/// many groups there are.
struct FirstSums {
    private let limit: Int
    private var totals: [Key: UsageTotals] = [:]
    /// There are `limit` up to here already: whatever comes after it is not among the first, now or later.
    private var last: Key?

    /// `limit` is at least 1.
    init(limit: Int) { self.limit = limit }

    var heldCount: Int { self.totals.count }

    mutating func add(_ totals: UsageTotals, at begin: Timestamp, _ dimensions: UsageDimensions) {
        let key = Key(begin: begin, dimensions: dimensions)
        if let last = self.last, last < key { return }
        self.totals[key, default: UsageTotals()].merge(totals)
        if self.totals.count - self.limit > self.limit { self.leaveOut() }
    }

    private mutating func leaveOut() {
        let first = self.first
        self.last = first.last?.key
        self.totals = Dictionary(uniqueKeysWithValues: first.map { ($0.key, $0.value) })
    }

    private var first: [Dictionary<Key, UsageTotals>.Element] {
        Array(self.totals.sorted { $0.key < $1.key }.prefix(self.limit))
    }

    /// In order of time and group.
    var sums: [UsageSum] {
        self.first.map { UsageSum(begin: $0.key.begin, dimensions: $0.key.dimensions, totals: $0.value) }
    }

    private struct Key: Hashable, Comparable {
        let begin: Timestamp
        let dimensions: UsageDimensions

        static func < (a: Self, b: Self) -> Bool {
            a.begin != b.begin ? a.begin < b.begin : a.texts.lexicographicallyPrecedes(b.texts)
        }

        private var texts: [String] { UsageDimension.allCases.map { self.dimensions[$0] } }
    }
}
