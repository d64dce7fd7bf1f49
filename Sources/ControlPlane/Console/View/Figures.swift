import Domain

/// Numbers, money and times as people read them in columns.
package enum Figures {
    /// `12,345`.
    package static func count(_ number: Int64) -> String {
        let digits = String(number.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return number < 0 ? "\u{2212}\(text)" : text
    }

    /// Null where nobody knows the count, which is not zero.
    static func count(_ value: JSON?) -> JSON { value?.integer.map { .string(self.count($0)) } ?? .null }

    /// `$12.34`; below a dollar four places, below a cent six. What is less than those can show is said to be less.
    package static func dollars(_ decimal: String) -> String {
        let isNegative = decimal.hasPrefix("-")
        let parts = decimal.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        let whole = parts.first.flatMap { Int64($0) } ?? 0
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        let places = whole > 0 ? 2 : fraction.hasPrefix("00") ? 6 : 4
        if whole == 0, fraction.hasPrefix("000000"), fraction.contains(where: { $0 != "0" }) { return "< $0.000001" }
        let (more, rounded) = self.rounded(fraction, to: places)
        let kept = rounded.count > 2 ? rounded.trimmingZeroes(to: 2) : rounded
        return "\(isNegative ? "\u{2212}" : "")$\(self.count(whole + more)).\(kept)"
    }

    /// A price as it was agreed to, to the last digit: `$2.50`, `$1.875`.
    package static func price(_ decimal: String) -> String {
        let parts = decimal.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        let padded = fraction + String(repeating: "0", count: max(0, 2 - fraction.count))
        return "$\(self.count(parts.first.flatMap { Int64($0) } ?? 0)).\(padded.trimmingZeroes(to: 2))"
    }

    /// Decimal digits after the point, rounded half up to so many places; the first is what carries into the whole.
    private static func rounded(_ fraction: String, to places: Int) -> (Int64, String) {
        let padded = fraction + String(repeating: "0", count: max(0, places + 1 - fraction.count))
        let kept = Int64(padded.prefix(places)) ?? 0
        let isUp = (padded.dropFirst(places).first?.wholeNumberValue ?? 0) >= 5
        let sum = kept + (isUp ? 1 : 0)
        let digits = String(sum)
        if digits.count > places { return (1, String(repeating: "0", count: places)) }
        return (0, String(repeating: "0", count: places - digits.count) + digits)
    }

    /// `840 ms`, `12.3 s`; null where nothing was measured.
    static func milliseconds(_ value: JSON?) -> JSON {
        guard let value = value?.text.flatMap({ Double($0) }) else { return .null }
        if value < 10 { return .string("\((value * 10).rounded() / 10) ms") }
        if value < 10_000 { return .string("\(self.count(Int64(value.rounded()))) ms") }
        return .string("\((value / 100).rounded() / 10) s")
    }

    /// `2.5 %`; an em dash of nothing.
    package static func percent(_ part: Int64, of whole: Int64) -> String {
        guard whole > 0 else { return "\u{2013}" }
        let tenths = (part * 1_000 + whole / 2) / whole
        if tenths == 0, part > 0 { return "< 0.1 %" }
        if tenths == 1_000, part < whole { return "> 99.9 %" }
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// For `<time>`: the machine's text and people's.
    static func time(_ value: JSON?) -> JSON {
        guard let text = value?.string, let time = Timestamp(rfc3339: text) else { return .null }
        return .object(["at": .string(text), "text": .string(self.minute(time))])
    }

    /// `2027-01-31 12:30 UTC`.
    static func minute(_ time: Timestamp) -> String {
        let text = time.rfc3339
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }

    /// `12 s ago`, for what happens all the time.
    static func age(_ value: JSON?, at now: Timestamp) -> JSON {
        guard let text = value?.string, let time = Timestamp(rfc3339: text) else { return .null }
        let seconds = max(0, now.milliseconds(since: time) / 1_000)
        let words =
            switch seconds {
            case ..<120: "\(seconds) s ago"
            case ..<7_200: "\(seconds / 60) min ago"
            case ..<172_800: "\(seconds / 3_600) h ago"
            default: "\(seconds / 86_400) days ago"
            }
        return .object(["at": .string(text), "text": .string(words)])
    }
}

extension String {
    fileprivate func trimmingZeroes(to places: Int) -> String {
        let rest = self.dropFirst(places)
        let kept = rest.prefix(upTo: rest.lastIndex { $0 != "0" }.map(rest.index(after:)) ?? rest.startIndex)
        return String(self.prefix(places)) + kept
    }
}
