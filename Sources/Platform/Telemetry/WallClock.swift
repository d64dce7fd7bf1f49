import Glibc

/// The machine's clock, for shells that stamp what they write; rules get time as an argument.
package enum WallClock {
    package static func now() -> (seconds: Int, milliseconds: Int) {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return (time.tv_sec, time.tv_nsec / 1_000_000)
    }

    /// Since 1970-01-01T00:00:00Z.
    package static func unixMilliseconds() -> Int64 {
        let now = Self.now()
        return Int64(now.seconds) * 1000 + Int64(now.milliseconds)
    }

    /// `2026-11-24T19:00:00.123Z`.
    package static func rfc3339(_ time: (seconds: Int, milliseconds: Int)) -> String {
        let second = time.seconds % 86_400
        let (year, month, day) = Self.civil(days: time.seconds / 86_400)
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        let clock = [second / 3600, second / 60 % 60, second % 60].map { Self.padded($0, 2) }.joined(separator: ":")
        return "\(date)T\(clock).\(Self.padded(time.milliseconds, 3))Z"
    }

    /// The date of a day counted from 1970-01-01. Years begin in March here, so that the leap day is a year's last.
    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
