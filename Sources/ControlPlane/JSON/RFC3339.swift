package import Domain

extension Timestamp {
    /// Reads `2027-01-31T00:00:00Z`, with up to nine digits after the seconds, of which milliseconds count. Only UTC
    /// (`Z` or `+00:00`), years 1970 to 9999, no leap seconds. Nil for everything else.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        func digits(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count, bytes[range].allSatisfy((UInt8(0x30)...0x39).contains) else {
                return nil
            }
            return bytes[range].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        func marks(_ places: [(Int, Character)]) -> Bool {
            places.allSatisfy { $0.0 < bytes.count && bytes[$0.0] == $0.1.asciiValue }
        }
        guard let year = digits(0..<4), let month = digits(5..<7), let day = digits(8..<10), let hour = digits(11..<13),
            let minute = digits(14..<16), let second = digits(17..<19),
            marks([(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]),
            year >= 1970, (1...12).contains(month), (1...CivilDate.days(in: month, of: year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var rest = bytes[19...]
        var milliseconds = 0
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix { (UInt8(0x30)...0x39).contains($0) }
            guard (1...9).contains(fraction.count) else { return nil }
            let padded = Array(fraction) + [0x30, 0x30]
            milliseconds = padded.prefix(3).reduce(0) { $0 * 10 + Int($1 - 0x30) }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard rest.elementsEqual("Z".utf8) || rest.elementsEqual("+00:00".utf8) else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
        self.init(unixMilliseconds: Int64(seconds * 1_000 + milliseconds))
    }

    /// `2027-01-31T00:00:00Z`, with `.123` before the `Z` where there are milliseconds. Times beyond the years 1970 to
    /// 9999 are shown as the nearest of them.
    package var rfc3339: String {
        let milliseconds = Int(min(max(self.unixMilliseconds, 0), 253_402_300_799_999))
        let (seconds, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        let (days, inDay) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let date = CivilDate(daysSinceEpoch: days)
        func padded(_ number: Int, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        let day = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
        let time = "\(padded(inDay / 3_600, 2)):\(padded(inDay / 60 % 60, 2)):\(padded(inDay % 60, 2))"
        return fraction == 0 ? "\(day)T\(time)Z" : "\(day)T\(time).\(padded(fraction, 3))Z"
    }
}

/// A day of the Gregorian calendar, by Howard Hinnant's `days_from_civil`, for years from 1970 on.
private struct CivilDate {
    let year: Int
    let month: Int
    let day: Int

    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSinceEpoch: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        self.month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
    }

    var daysSinceEpoch: Int {
        let year = self.month <= 2 ? self.year - 1 : self.year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (self.month > 2 ? self.month - 3 : self.month + 9) + 2) / 5 + self.day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
