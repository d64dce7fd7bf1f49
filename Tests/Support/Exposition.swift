/// A page of Prometheus text, format 0.0.4, read strictly: what a lenient reader would let pass is an error here.
package struct Exposition {
    package struct Flaw: Error, CustomStringConvertible {
        package let description: String
    }

    package struct Sample: Hashable, Sendable {
        package let name: String
        package let labels: [String: String]
        package let value: Double
    }

    package struct Family: Sendable {
        package let name: String
        package let type: String
        package var samples: [Sample] = []
    }

    private struct Series: Hashable {
        let name: String
        let labels: [String: String]
    }

    package private(set) var families: [Family] = []
    private var seen: Set<Series> = []

    /// HELP then TYPE, once each, then the family's samples and no other's; no series twice; counters and histograms
    /// never negative.
    package init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Flaw(description: "the last line does not end") }
        var help: String?
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# HELP ") {
                guard help == nil else { throw Flaw(description: "HELP without TYPE before: \(line)") }
                help = String(line.dropFirst(7).prefix { $0 != " " })
            } else if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                guard words.count == 4, String(words[2]) == help else { throw Flaw(description: "\(line)") }
                guard ["counter", "gauge", "histogram"].contains(words[3]) else { throw Flaw(description: "\(line)") }
                guard !self.families.contains(where: { $0.name == words[2] }) else {
                    throw Flaw(description: "twice: \(line)")
                }
                self.families.append(Family(name: String(words[2]), type: String(words[3])))
                help = nil
            } else {
                guard help == nil, let last = self.families.indices.last else { throw Flaw(description: "\(line)") }
                try self.add(try Self.sample(line), to: last, line)
            }
        }
        for family in self.families where family.type == "histogram" { try Self.checkHistogram(family) }
    }

    private mutating func add(_ sample: Sample, to index: Int, _ line: Substring) throws {
        let family = self.families[index]
        let suffixes = family.type == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard suffixes.contains(where: { sample.name == family.name + $0 }) else {
            throw Flaw(description: "not of \(family.name): \(line)")
        }
        guard family.type == "gauge" || sample.value >= 0 else { throw Flaw(description: "negative: \(line)") }
        guard self.seen.insert(Series(name: sample.name, labels: sample.labels)).inserted else {
            throw Flaw(description: "twice: \(line)")
        }
        self.families[index].samples.append(sample)
    }

    // MARK: - Lines

    private static func sample(_ line: Substring) throws -> Sample {
        var rest = line
        let name = Self.name(&rest)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                let label = Self.name(&rest)
                guard !label.isEmpty, rest.hasPrefix("=\"") else { throw Flaw(description: "\(line)") }
                rest.removeFirst(2)
                guard labels.updateValue(try Self.value(&rest), forKey: label) == nil else {
                    throw Flaw(description: "label twice: \(line)")
                }
                if rest.first == "," {
                    rest.removeFirst()
                } else if rest.first != "}" {
                    throw Flaw(description: "\(line)")
                }
            }
            rest.removeFirst()
        }
        guard !name.isEmpty, rest.first == " ", let value = Self.number(rest.dropFirst()) else {
            throw Flaw(description: "\(line)")
        }
        return Sample(name: name, labels: labels, value: value)
    }

    private static func name(_ rest: inout Substring) -> String {
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        rest = rest[name.endIndex...]
        return name.first?.isNumber == true ? "" : String(name)
    }

    /// Up to the closing quote; only `\\`, `\"` and `\n` are escapes.
    private static func value(_ rest: inout Substring) throws -> String {
        var value = ""
        while let character = rest.popFirst() {
            if character == "\"" { return value }
            guard character == "\\" else {
                value.append(character)
                continue
            }
            switch rest.popFirst() {
            case "\\": value.append("\\")
            case "\"": value.append("\"")
            case "n": value.append("\n")
            default: throw Flaw(description: "an escape that is none")
            }
        }
        throw Flaw(description: "a label without an end")
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: text.allSatisfy { $0.isNumber || "+-.eE".contains($0) } ? Double(text) : nil
        }
    }

    // MARK: - Histograms

    /// Each series has rising bounds that end in +Inf, counts that do not fall, a sum, and a count that is +Inf's.
    private static func checkHistogram(_ family: Family) throws {
        let series = Dictionary(grouping: family.samples) { $0.labels.filter { $0.key != "le" } }
        for (labels, own) in series {
            let buckets = own.filter { $0.name.hasSuffix("_bucket") }
            let bounds = buckets.compactMap { $0.labels["le"].flatMap { Self.number($0[...]) } }
            let counts = buckets.map(\.value)
            let sums = own.filter { $0.name == family.name + "_sum" }
            let totals = own.filter { $0.name == family.name + "_count" }
            guard bounds.count == buckets.count, bounds.last == .infinity,
                zip(bounds, bounds.dropFirst()).allSatisfy(<),
                zip(counts, counts.dropFirst()).allSatisfy(<=), sums.count == 1, totals.map(\.value) == counts.suffix(1)
            else { throw Flaw(description: "\(family.name)\(labels) is no histogram") }
        }
    }

    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        self.families.flatMap(\.samples).first { $0.name == name && $0.labels == labels }?.value
    }
}
