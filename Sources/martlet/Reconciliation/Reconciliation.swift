import Foundation

/// A provider's own count of usage beside ours, by day and model.
struct Reconciliation {
    struct Line {
        let key: DayOfModel.Key
        let theirs: DayOfModel
        let ours: DayOfModel
        /// Our tokens and cost by theirs, in percent; the largest of what both know. Nil where they share no number.
        let difference: Double?
        let isBeyond: Bool
    }

    /// In the order of days and models.
    let lines: [Line]

    var isBeyond: Bool { self.lines.contains(where: \.isBeyond) }

    /// `upstreams` are the names that the provider knows our models by: a dated name such as `gpt-4o-2024-08-06` is that of
    /// the model that it begins with. Only days that the provider's report is about are compared.
    init(
        theirs: [DayOfModel.Key: DayOfModel],
        ours: [DayOfModel.Key: DayOfModel],
        upstreams: Set<String>,
        tolerancePercent: Double
    ) {
        var merged: [DayOfModel.Key: DayOfModel] = [:]
        for (key, day) in theirs {
            let model = Self.undated(key.model, among: upstreams)
            merged[DayOfModel.Key(day: key.day, model: model), default: DayOfModel()].add(day)
        }
        let days = Set(theirs.keys.map(\.day))
        let keys = Set(merged.keys).union(ours.keys.filter { days.contains($0.day) })
        self.lines = keys.sorted().map { key in
            let (theirs, ours) = (merged[key] ?? DayOfModel(), ours[key] ?? DayOfModel())
            let isOneSided = merged[key] == nil || ours == DayOfModel()
            let difference = Self.difference(theirs, ours)
            return Line(
                key: key,
                theirs: theirs,
                ours: ours,
                difference: difference,
                isBeyond: isOneSided || difference.map { abs($0) > tolerancePercent } ?? false
            )
        }
    }

    private static func undated(_ name: String, among upstreams: Set<String>) -> String {
        guard !upstreams.contains(name), let date = name.firstMatch(of: /-\d{4}-\d{2}-\d{2}$/) else { return name }
        let short = String(name[..<date.range.lowerBound])
        return upstreams.contains(short) ? short : name
    }

    /// Failed attempts are requests to us and may be none to a provider, so requests are shown and not judged.
    private static func difference(_ theirs: DayOfModel, _ ours: DayOfModel) -> Double? {
        func percent(_ theirs: Decimal?, _ ours: Decimal?) -> Double? {
            guard let theirs, let ours else { return nil }
            if theirs == ours { return 0 }
            guard theirs != 0 else { return 100 }
            return NSDecimalNumber(decimal: (ours - theirs) / theirs * 100).doubleValue
        }
        let differences = [
            percent(theirs.inputTokens.map { Decimal($0) }, ours.inputTokens.map { Decimal($0) }),
            percent(theirs.outputTokens.map { Decimal($0) }, ours.outputTokens.map { Decimal($0) }),
            percent(theirs.cost, ours.cost),
        ]
        return differences.compactMap(\.self).max { abs($0) < abs($1) }
    }
}

extension DayOfModel {
    private static let inputs = [
        "inputTokens", "cachedInputTokens", "cacheWriteTokens", "cacheWrite1hTokens", "inputAudioTokens",
        "inputImageTokens",
    ]
    private static let outputs = ["outputTokens", "reasoningTokens", "outputAudioTokens", "outputImageTokens"]

    /// A row of `/v1/usage`. Its kinds of tokens are disjoint; providers count each side as a whole.
    init(usage row: JSONValue) {
        func count(_ name: String) -> Int64? { if case .integer(let number) = row[name] { number } else { nil } }
        func sum(_ names: [String]) -> Int64? {
            let known = names.compactMap(count)
            return known.isEmpty ? nil : known.reduce(0, &+)
        }
        self.requests = count("attempts")
        self.inputTokens = sum(Self.inputs)
        self.outputTokens = sum(Self.outputs)
        self.cost = row["costUsd"].string.flatMap { Decimal(string: $0, locale: Locale(identifier: "en_US_POSIX")) }
    }
}
