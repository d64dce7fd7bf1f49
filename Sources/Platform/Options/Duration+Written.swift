extension Duration {
    /// Reads `500ms`, `5s`, `2m`, `1h`, `7d`, or a bare number of seconds. Nil for anything else, for negative values
    /// and for more than a hundred years.
    package init?(written text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits) else { return nil }
        let milliseconds: Int64
        switch text.dropFirst(digits.count) {
        case "ms": milliseconds = 1
        case "", "s": milliseconds = 1000
        case "m": milliseconds = 60_000
        case "h": milliseconds = 3_600_000
        case "d": milliseconds = 86_400_000
        default: return nil
        }
        let (total, overflow) = count.multipliedReportingOverflow(by: milliseconds)
        guard !overflow, total <= 100 * 366 * 86_400_000 else { return nil }
        self = .milliseconds(total)
    }

    /// Rounded down, saturating: for C interfaces that count in milliseconds.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (total, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return overflowed ? .max : total
    }
}
