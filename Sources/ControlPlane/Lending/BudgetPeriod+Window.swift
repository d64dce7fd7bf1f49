package import Domain
import Foundation

extension BudgetPeriod {
    /// Whether there is a time zone of this name in the IANA database. Foundation also takes offsets of its own making
    /// (`GMT+3`), which nothing else would understand.
    package static func isKnown(timeZone: String) -> Bool {
        guard timeZone != "UTC" else { return true }
        let isOffset = timeZone.hasPrefix("GMT") && timeZone != "GMT"
        return !isOffset && TimeZone(identifier: timeZone)?.identifier == timeZone
    }

    /// The window that holds `time`. Windows follow each other without gap or overlap, and no two have one name.
    ///
    /// Hours are counted and named in UTC, whatever the budget's time zone: where a clock is set back, one hour of the
    /// day comes twice, and its second turn would have the account of the first.
    package func window(at time: Timestamp) -> BudgetWindow {
        switch self.length {
        case .hour: Self.hour(at: time)
        case .day: CalendarWindow(self.timeZone).day(at: time)
        case .week: CalendarWindow(self.timeZone).week(at: time)
        case .month: CalendarWindow(self.timeZone).month(at: time)
        case .total: BudgetWindow(name: "total", start: Timestamp(unixMilliseconds: 0), end: nil)
        }
    }

    private static func hour(at time: Timestamp) -> BudgetWindow {
        let hour: Int64 = 3_600_000
        let start = Timestamp(unixMilliseconds: time.milliseconds / hour * hour)
        return BudgetWindow(
            name: "hour/\(start.rfc3339.prefix(13))",
            start: start,
            end: start.advanced(byMilliseconds: hour)
        )
    }
}

/// Days, weeks and months as one place's clocks show them.
private struct CalendarWindow {
    private let calendar: Calendar

    /// UTC where there is no such zone any more: every budget has windows.
    init(_ timeZone: String) {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = TimeZone(identifier: timeZone) ?? .gmt
        self.calendar = calendar
    }

    func day(at time: Timestamp) -> BudgetWindow {
        let start = self.calendar.startOfDay(for: time.date)
        let date = self.calendar.dateComponents([.year, .month, .day], from: start)
        let next = self.calendar.dateInterval(of: .day, for: start)?.end
        return self.window(
            "day",
            [Self.padded(date.year, 4), Self.padded(date.month), Self.padded(date.day)],
            start,
            next
        )
    }

    /// From Monday to Monday (ISO 8601), the first and the last day found by the name of the week: where a place has
    /// skipped a day by moving over the date line, seven days from a Monday is a Tuesday.
    func week(at time: Timestamp) -> BudgetWindow {
        let week = self.calendar.dateComponents([.yearForWeekOfYear, .weekOfYear], from: time.date)
        let next = DateComponents(weekOfYear: (week.weekOfYear ?? 0) + 1, yearForWeekOfYear: week.yearForWeekOfYear)
        let start = self.calendar.date(from: week) ?? time.date
        let name = [Self.padded(week.yearForWeekOfYear, 4), "W\(Self.padded(week.weekOfYear))"]
        return self.window("week", name, start, self.calendar.date(from: next))
    }

    func month(at time: Timestamp) -> BudgetWindow {
        let interval = self.calendar.dateInterval(of: .month, for: time.date)
        let start = interval?.start ?? time.date
        let date = self.calendar.dateComponents([.year, .month], from: start)
        return self.window("month", [Self.padded(date.year, 4), Self.padded(date.month)], start, interval?.end)
    }

    private func window(_ kind: String, _ name: [String], _ start: Date, _ end: Date?) -> BudgetWindow {
        BudgetWindow(
            name: "\(kind)/\(name.joined(separator: "-"))",
            start: Timestamp(start),
            end: end.map(Timestamp.init)
        )
    }

    private static func padded(_ number: Int?, _ width: Int = 2) -> String {
        let text = String(number ?? 0)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}

extension Timestamp {
    /// Within the years 1970 to 9999, which calendars are sure of.
    fileprivate var milliseconds: Int64 { min(max(self.unixMilliseconds, 0), 253_402_300_799_999) }

    fileprivate var date: Date { Date(timeIntervalSince1970: Double(self.milliseconds) / 1_000) }

    /// Windows begin on whole seconds.
    fileprivate init(_ date: Date) { self.init(unixMilliseconds: Int64(date.timeIntervalSince1970.rounded()) * 1_000) }
}
