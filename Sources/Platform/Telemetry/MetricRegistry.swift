import Synchronization

/// All metrics of a process, written as Prometheus text 0.0.4. Each is declared once, at start, in one file a daemon.
package final class MetricRegistry: Sendable {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// What a metric is called and what it tells, without its numbers.
    package struct Declaration: Hashable, Sendable {
        package let name: String
        package let type: String
        package let labels: [String]
    }

    private struct Family: Sendable {
        let declaration: Declaration
        let help: String
        /// The lines after HELP and TYPE.
        let samples: @Sendable () -> [String]
    }

    private let families = Mutex<[Family]>([])
    /// How often something was counted under `other` because its labels had no room.
    package let overflows = Counter()

    package init() {}

    package func counter(_ name: String, _ help: String) -> Counter {
        self.counter(name, help, labels: []).cell()
    }

    /// Counts in whole units; where a reader expects others (dollars, not nano-dollars), `divisor` makes them.
    package func counter(
        _ name: String,
        _ help: String,
        labels: [String],
        seriesMax: Int = Labelled<Counter>.seriesMax,
        dividedBy divisor: Double = 1
    ) -> Labelled<Counter> {
        let labelled = Labelled(labels.count, seriesMax: seriesMax, overflows: self.overflows) { Counter() }
        self.declare(name, help, "counter", labels) {
            labelled.all().map { values, cell in
                let value = divisor == 1 ? "\(cell.value)" : Self.number(Double(cell.value) / divisor)
                return "\(name)\(Self.braces(labels, values)) \(value)"
            }
        }
        return labelled
    }

    package func gauge(_ name: String, _ help: String) -> Gauge { self.gauge(name, help, labels: []).cell() }

    package func gauge(_ name: String, _ help: String, labels: [String]) -> Labelled<Gauge> {
        let labelled = Labelled(labels.count, overflows: self.overflows) { Gauge() }
        self.declare(name, help, "gauge", labels) {
            labelled.all().map { "\(name)\(Self.braces(labels, $0.values)) \($0.cell.value)" }
        }
        return labelled
    }

    /// Read when scraped; nil leaves it out. `read` must be quick and must not block.
    package func gauge(_ name: String, _ help: String, read: @escaping @Sendable () -> Double?) {
        self.declare(name, help, "gauge", []) { read().map { ["\(name) \(Self.number($0))"] } ?? [] }
    }

    /// Read when scraped, one line for each value of its label; who reads bounds how many. `read` must be quick and must not
    /// block.
    package func gauges(
        _ name: String,
        _ help: String,
        label: String,
        read: @escaping @Sendable () -> [(value: String, number: Double)]
    ) {
        self.declare(name, help, "gauge", [label]) {
            read().map { "\(name)\(Self.braces([label], [$0.value])) \(Self.number($0.number))" }
        }
    }

    /// Read when scraped; must only grow.
    package func counter(_ name: String, _ help: String, read: @escaping @Sendable () -> Double?) {
        self.declare(name, help, "counter", []) { read().map { ["\(name) \(Self.number($0))"] } ?? [] }
    }

    package func histogram(
        _ name: String,
        _ help: String,
        bounds: [Double] = BucketCounts.seconds
    ) -> BucketCounts {
        self.histogram(name, help, labels: [], bounds: bounds).cell()
    }

    package func histogram(
        _ name: String,
        _ help: String,
        labels: [String],
        bounds: [Double] = BucketCounts.seconds,
        seriesMax: Int = Labelled<BucketCounts>.seriesMax
    ) -> Labelled<BucketCounts> {
        let labelled = Labelled(labels.count, seriesMax: seriesMax, overflows: self.overflows) {
            BucketCounts(bounds: bounds)
        }
        self.declare(name, help, "histogram", labels) {
            labelled.all().flatMap { Self.samples(of: $0.cell, name: name, labels: labels, values: $0.values) }
        }
        return labelled
    }

    /// The whole page, families in the order of their names.
    package func prometheusText() -> String {
        let families = self.families.withLock { $0 }.sorted { $0.declaration.name < $1.declaration.name }
        return families.map { family in
            let (name, type) = (family.declaration.name, family.declaration.type)
            let help = family.help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
            let head = ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"]
            return (head + family.samples()).joined(separator: "\n") + "\n"
        }.joined()
    }

    /// Every metric, by name.
    package var declarations: [Declaration] {
        self.families.withLock { $0.map(\.declaration) }.sorted { $0.name < $1.name }
    }

    private func declare(
        _ name: String,
        _ help: String,
        _ type: String,
        _ labels: [String],
        samples: @escaping @Sendable () -> [String]
    ) {
        precondition(([name] + labels).allSatisfy(Self.isName), "\(name): metric and label names are [a-z_][a-z0-9_]*")
        self.families.withLock { families in
            precondition(!families.contains { $0.declaration.name == name }, "metric \(name) is declared twice")
            let declaration = Declaration(name: name, type: type, labels: labels)
            families.append(Family(declaration: declaration, help: help, samples: samples))
        }
    }

    private static func samples(
        of cell: BucketCounts,
        name: String,
        labels: [String],
        values: [String]
    ) -> [String] {
        let reading = cell.read()
        var total: UInt64 = 0
        var lines: [String] = []
        for (index, count) in reading.counts.enumerated() {
            total += count
            let bound = index < cell.bounds.count ? Self.number(cell.bounds[index]) : "+Inf"
            lines.append("\(name)_bucket\(Self.braces(labels + ["le"], values + [bound])) \(total)")
        }
        let braces = Self.braces(labels, values)
        return lines + ["\(name)_sum\(braces) \(Self.number(reading.sum))", "\(name)_count\(braces) \(total)"]
    }

    private static func braces(_ labels: [String], _ values: [String]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = zip(labels, values).map { label, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(label)=\"\(escaped)\""
        }
        return "{\(pairs.joined(separator: ","))}"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? String(value)
    }

    private static func isName(_ text: String) -> Bool {
        text.first?.isNumber == false
            && text.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }
}
