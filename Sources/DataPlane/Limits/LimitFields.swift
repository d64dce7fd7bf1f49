internal import Domain

extension Fields {
    /// As OpenAI's SDKs and their users read it.
    mutating func add(_ standing: LimitStanding) {
        if let rate = standing.requests {
            self.add("x-ratelimit-limit-requests", String(rate.limit))
            self.add("x-ratelimit-remaining-requests", String(rate.remaining))
            self.add("x-ratelimit-reset-requests", Self.duration(rate.resetMilliseconds))
        }
        if let rate = standing.tokens {
            self.add("x-ratelimit-limit-tokens", String(rate.limit))
            self.add("x-ratelimit-remaining-tokens", String(rate.remaining))
            self.add("x-ratelimit-reset-tokens", Self.duration(rate.resetMilliseconds))
        }
    }

    /// `340ms`, `8.64s`, `6m12s`.
    static func duration(_ milliseconds: Int64) -> String {
        let milliseconds = max(milliseconds, 0)
        if milliseconds < 1_000 { return "\(milliseconds)ms" }
        let (minutes, rest) = milliseconds.quotientAndRemainder(dividingBy: 60_000)
        // Beyond a minute nobody counts thousandths.
        if minutes > 0 { return "\(minutes)m\((rest + 999) / 1_000)s" }
        return "\(DecimalText.write(UInt64(rest), places: 3, placesMin: 0))s"
    }
}
