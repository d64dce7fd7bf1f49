import Synchronization

/// A count that only grows.
package final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    package func increment(by amount: UInt64 = 1) { self.count.wrappingAdd(amount, ordering: .relaxed) }

    package var value: UInt64 { self.count.load(ordering: .relaxed) }
}

/// A value that goes up and down.
package final class Gauge: Sendable {
    private let level = Atomic<Int64>(0)

    init() {}

    package func set(_ value: Int64) { self.level.store(value, ordering: .relaxed) }

    package func add(_ change: Int64) { self.level.wrappingAdd(change, ordering: .relaxed) }

    package var value: Int64 { self.level.load(ordering: .relaxed) }
}

/// How often a measured value fell at or under each bound.
package final class BucketCounts: Sendable {
    /// Seconds, from a millisecond to two minutes: for calls and replies.
    package static let seconds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
    ]

    struct Reading: Hashable, Sendable {
        /// One for each bound and one for what is above them all; not yet summed up.
        var counts: [UInt64]
        var sum: Double
    }

    let bounds: [Double]
    private let counts: [Counter]
    /// The bits of a `Double`. A reader may see a value in its bucket and not yet in the sum.
    private let sum = Atomic<UInt64>((0.0).bitPattern)

    init(bounds: [Double]) {
        precondition(bounds == bounds.sorted(), "bounds must rise")
        self.bounds = bounds
        self.counts = (0...bounds.count).map { _ in Counter() }
    }

    /// Takes no lock.
    package func observe(_ value: Double) {
        self.counts[self.bounds.firstIndex { value <= $0 } ?? self.bounds.count].increment()
        var old = self.sum.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + value).bitPattern
            let (isDone, found) = self.sum.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if isDone { return }
            old = found
        }
    }

    package func observe(seconds duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.observe(Double(seconds) + Double(attoseconds) / 1e18)
    }

    func read() -> Reading {
        Reading(counts: self.counts.map(\.value), sum: Double(bitPattern: self.sum.load(ordering: .relaxed)))
    }
}

/// One metric with labels: a cell for each combination of label values.
///
/// Label values must come from closed or configured sets (status classes, our own route names), never from what a
/// client sends. As a last line of defence, combinations beyond `seriesMax` share the cell `other`, and the registry's
/// `overflows` counts each time that one is asked for.
package final class Labelled<Cell: Sendable>: Sendable {
    package static var seriesMax: Int { 1000 }

    private let labelCount: Int
    private let cells = Mutex<[[String]: Cell]>([:])
    private let seriesMax: Int
    private let overflows: Counter
    private let make: @Sendable () -> Cell

    init(
        _ labelCount: Int,
        seriesMax: Int = Labelled.seriesMax,
        overflows: Counter,
        make: @escaping @Sendable () -> Cell
    ) {
        self.labelCount = labelCount
        self.seriesMax = seriesMax
        self.overflows = overflows
        self.make = make
    }

    /// Look it up once and keep it where calls are frequent: this takes a lock.
    package func cell(_ values: String...) -> Cell {
        precondition(values.count == self.labelCount, "\(values.count) label values for \(self.labelCount) labels")
        return self.cells.withLock { cells in
            if let known = cells[values] { return known }
            let hasRoom = cells.count < self.seriesMax
            if !hasRoom { self.overflows.increment() }
            let key = hasRoom ? values : values.map { _ in "other" }
            if let known = cells[key] { return known }
            let fresh = self.make()
            cells[key] = fresh
            return fresh
        }
    }

    func all() -> [(values: [String], cell: Cell)] {
        self.cells.withLock { cells in cells.map { ($0.key, $0.value) } }
            .sorted { $0.values.lexicographicallyPrecedes($1.values) }
    }
}
