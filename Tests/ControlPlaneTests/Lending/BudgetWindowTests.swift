import ControlPlane
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct `Windows of budgets` {
    private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    /// Length, time zone, time; name, start and end of its window.
    private static let cases: [(BudgetPeriod.Length, String, String, String, String, String)] = [
        (
            .hour, "UTC", "2026-11-28T13:59:59.999Z", "hour/2026-11-28T13", "2026-11-28T13:00:00Z",
            "2026-11-28T14:00:00Z"
        ),
        (.day, "UTC", "2026-11-28T00:00:00Z", "day/2026-11-28", "2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z"),
        (.week, "UTC", "2026-11-28T12:00:00Z", "week/2026-W48", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"),
        (.month, "UTC", "2026-11-30T23:59:59Z", "month/2026-11", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        // By the clocks of a place, not by ours.
        (
            .day, "Asia/Tokyo", "2026-11-28T15:00:00Z", "day/2026-11-29", "2026-11-28T15:00:00Z",
            "2026-11-29T15:00:00Z"
        ),
        (
            .month, "Asia/Kolkata", "2026-11-30T18:30:00Z", "month/2026-12", "2026-11-30T18:30:00Z",
            "2026-12-31T18:30:00Z"
        ),
        (
            .week, "America/Los_Angeles", "2026-11-30T07:59:59Z", "week/2026-W48", "2026-11-23T08:00:00Z",
            "2026-11-30T08:00:00Z"
        ),
        // An hour is an hour everywhere, also where the clocks are half an hour off.
        (
            .hour, "Asia/Kolkata", "2026-11-28T13:45:00Z", "hour/2026-11-28T13", "2026-11-28T13:00:00Z",
            "2026-11-28T14:00:00Z"
        ),
        // Years end in the middle of a week, and ISO weeks belong to the year of their Thursday.
        (.week, "UTC", "2026-12-31T12:00:00Z", "week/2026-W53", "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z"),
        (.week, "UTC", "2027-01-03T12:00:00Z", "week/2026-W53", "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z"),
        (.week, "UTC", "2024-12-30T00:00:00Z", "week/2025-W01", "2024-12-30T00:00:00Z", "2025-01-06T00:00:00Z"),
        (.day, "UTC", "2026-12-31T23:59:59Z", "day/2026-12-31", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"),
        (.month, "UTC", "2026-12-31T23:59:59Z", "month/2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        // Leap days.
        (.day, "UTC", "2028-02-29T12:00:00Z", "day/2028-02-29", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
        (.month, "UTC", "2028-02-29T12:00:00Z", "month/2028-02", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        (.month, "UTC", "2027-02-28T23:59:59Z", "month/2027-02", "2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z"),
        // Clocks go forward and back.
        (
            .day, "Europe/Berlin", "2026-03-29T12:00:00Z", "day/2026-03-29", "2026-03-28T23:00:00Z",
            "2026-03-29T22:00:00Z"
        ),
        (
            .day, "Europe/Berlin", "2026-10-25T12:00:00Z", "day/2026-10-25", "2026-10-24T22:00:00Z",
            "2026-10-25T23:00:00Z"
        ),
        (
            .week, "America/New_York", "2026-11-01T12:00:00Z", "week/2026-W44", "2026-10-26T04:00:00Z",
            "2026-11-02T05:00:00Z"
        ),
        (
            .month, "America/New_York", "2026-03-15T12:00:00Z", "month/2026-03", "2026-03-01T05:00:00Z",
            "2026-04-01T04:00:00Z"
        ),
        // There is no midnight where the clock goes forward at midnight: the day starts at one.
        (
            .day, "Africa/Cairo", "2026-04-24T12:00:00Z", "day/2026-04-24", "2026-04-23T22:00:00Z",
            "2026-04-24T21:00:00Z"
        ),
        // Samoa had no 30 December 2011.
        (
            .day, "Pacific/Apia", "2011-12-30T09:59:59Z", "day/2011-12-29", "2011-12-29T10:00:00Z",
            "2011-12-30T10:00:00Z"
        ),
        (
            .week, "Pacific/Apia", "2011-12-31T00:00:00Z", "week/2011-W52", "2011-12-26T10:00:00Z",
            "2012-01-01T10:00:00Z"
        ),
    ]

    @Test func `each length has its name, its start and its end`() throws {
        for (length, zone, time, name, start, end) in Self.cases {
            let window = BudgetPeriod(length, timeZone: zone).window(at: try self.time(time))
            let expected = BudgetWindow(name: name, start: try self.time(start), end: try self.time(end))
            #expect(window == expected, "\(zone) \(time): \(window.start.rfc3339) \(window.end?.rfc3339 ?? "")")
        }
    }

    @Test func `the total is one window for ever`() throws {
        let window = BudgetPeriod(.total, timeZone: "Europe/Berlin").window(at: try self.time("2026-11-28T12:00:00Z"))
        #expect(window == BudgetWindow(name: "total", start: Timestamp(unixMilliseconds: 0), end: nil))
        #expect(window.holds(try self.time("9999-12-31T23:59:59Z")))
    }

    @Test func `days of 23, 24 and 25 hours each have one window`() throws {
        var lengths: [Int64] = []
        for day in ["2026-03-29", "2026-06-01", "2026-10-25"] {
            let window = BudgetPeriod(.day, timeZone: "Europe/Berlin").window(at: try self.time("\(day)T12:00:00Z"))
            lengths.append(try #require(window.end).milliseconds(since: window.start) / 3_600_000)
        }
        #expect(lengths == [23, 24, 25])
    }

    /// At two o'clock in Berlin the clock is set back from three: the hour comes twice, an hour apart.
    @Test func `the two turns of an hour have two windows`() throws {
        let period = BudgetPeriod(.hour, timeZone: "Europe/Berlin")
        let turns = try ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"].map { period.window(at: try self.time($0)) }
        #expect(turns.map(\.name) == ["hour/2026-10-25T00", "hour/2026-10-25T01"])
        #expect(turns[0].end == turns[1].start)
    }

    private static let lengths: [BudgetPeriod.Length] = [.hour, .day, .week, .month]

    @Test func `windows follow each other without gap, overlap or a name that comes twice`() throws {
        let (from, to) = (try self.time("2025-12-20T00:00:00Z"), try self.time("2028-03-10T00:00:00Z"))
        for zone in TimeZone.knownTimeZoneIdentifiers + ["UTC"] {
            for length in Self.lengths where length != .hour {
                try self.follow(BudgetPeriod(length, timeZone: zone), from, to)
            }
        }
        try self.follow(BudgetPeriod(.hour), from, from.advanced(byMilliseconds: 40 * 86_400_000))
        // What has happened before may happen again.
        for zone in ["Pacific/Apia", "Pacific/Kiritimati", "Pacific/Kwajalein", "America/St_Johns", "Asia/Manila"] {
            for length in Self.lengths where length != .hour {
                try self.follow(
                    BudgetPeriod(length, timeZone: zone),
                    try self.time("1970-02-01T00:00:00Z"),
                    try self.time("2013-01-01T00:00:00Z")
                )
            }
        }
    }

    private func follow(_ period: BudgetPeriod, _ from: Timestamp, _ to: Timestamp) throws {
        var names: Set<String> = []
        var window = period.window(at: from)
        while window.start < to {
            let end = try #require(window.end)
            let next = period.window(at: end)
            guard window.start < end, next.start == end, names.insert(window.name).inserted else {
                Issue.record("\(period) \(window) \(next)")
                return
            }
            window = next
        }
    }

    @Test func `a time is held by its window, and the whole of a window has one name`() {
        var random = SeededGenerator.printed()
        let zones = TimeZone.knownTimeZoneIdentifiers
        for _ in 0..<20_000 {
            let time = Timestamp(unixMilliseconds: .random(in: 1_767_000_000_000...2_500_000_000_000, using: &random))
            let length = Self.lengths.randomElement(using: &random) ?? .day
            let period = BudgetPeriod(length, timeZone: zones.randomElement(using: &random) ?? "UTC")
            let window = period.window(at: time)
            let last = window.end?.advanced(byMilliseconds: -1) ?? time
            if !window.holds(time) || period.window(at: window.start) != window || period.window(at: last) != window {
                Issue.record("\(period) \(time.rfc3339) \(window)")
            }
        }
    }

    @Test func `a zone that is not known counts by UTC, and times beyond the calendar trap nowhere`() throws {
        let lost = BudgetPeriod(.day, timeZone: "Mars/Phobos").window(at: try self.time("2026-11-28T12:00:00Z"))
        #expect(lost.start == (try self.time("2026-11-28T00:00:00Z")))
        for length in BudgetPeriod.Length.allCases {
            for milliseconds in [Int64.min, -1, 0, 253_402_300_799_999, .max] {
                let window = BudgetPeriod(length).window(at: Timestamp(unixMilliseconds: milliseconds))
                #expect(!window.name.isEmpty)
            }
        }
    }

    @Test func `time zones are known by the names that everybody knows`() {
        for zone in [
            "UTC", "GMT", "Etc/UTC", "Europe/Berlin", "Asia/Calcutta", "US/Eastern", "America/Argentina/Ushuaia",
        ] {
            #expect(BudgetPeriod.isKnown(timeZone: zone), "\(zone)")
        }
        for zone in ["", "GMT+3", "GMT+0300", "UTC+1", "+01:00", "europe/berlin", "Mars/Phobos", "../UTC", "Berlin"] {
            #expect(!BudgetPeriod.isKnown(timeZone: zone), "\(zone)")
        }
        for zone in TimeZone.knownTimeZoneIdentifiers { #expect(BudgetPeriod.isKnown(timeZone: zone), "\(zone)") }
    }
}
