/// The wait that a `retry-after` header asks for.
enum RetryAfter {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    /// Where a time is asked for that cannot be told from now: long enough to help, short enough to bear.
    private static let secondsDefault = 10

    /// A number of seconds, or a time, such as `Tue, 24 Nov 2026 19:00:00 GMT`, that is compared with the `date` of
    /// the same reply: both are read from the sender's clock, so that ours does not matter. Nil if it is neither.
    static func seconds(_ text: String, since date: String?) -> Int? {
        if let seconds = Int(text) { return seconds }
        guard let until = self.unixSeconds(text) else { return nil }
        guard let now = date.flatMap({ self.unixSeconds($0) }) else { return self.secondsDefault }
        return until - now
    }

    private static func unixSeconds(_ text: String) -> Int? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", words[3].utf8.count == 4,
            let month = self.months.firstIndex(of: String(words[2]))
        else { return nil }
        let clock = words[4].split(separator: ":")
        guard clock.count == 3, let day = self.number(words[1], 1...31),
            let year = self.number(words[3], 1_970...9_999),
            let hour = self.number(clock[0], 0...23), let minute = self.number(clock[1], 0...59),
            let second = self.number(clock[2], 0...60)
        else { return nil }
        return self.days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
    }

    private static func number(_ text: Substring, _ range: ClosedRange<Int>) -> Int? {
        Int(text).flatMap { range.contains($0) ? $0 : nil }
    }

    /// Days since 1970-01-01. Years begin in March here, so that the leap day is a year's last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let fromMarch = (month + 10) % 12
        let shifted = month < 2 ? year - 1 : year
        let dayOfYear = (153 * fromMarch + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
