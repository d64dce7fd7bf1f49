/// The `date` of a reply, `Tue, 24 Nov 2026 19:00:00 GMT`, made once a second.
struct HTTPDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private var second: Int64 = .min
    private var text = ""

    mutating func text(atUnixMilliseconds now: Int64) -> String {
        let second = now / 1_000
        if second != self.second {
            self.second = second
            self.text = Self.write(second)
        }
        return self.text
    }

    private static func write(_ second: Int64) -> String {
        let days = Int(second / 86_400)
        let time = Int(second % 86_400)
        let (year, month, day) = self.civil(days)
        let clock = [time / 3_600, time / 60 % 60, time % 60].map(self.twoDigits).joined(separator: ":")
        return "\(self.weekdays[days % 7]), \(self.twoDigits(day)) \(self.months[month - 1]) \(year) \(clock) GMT"
    }

    /// The date of a day counted from 1970-01-01. Years begin in March here, so that the leap day is a year's last.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
