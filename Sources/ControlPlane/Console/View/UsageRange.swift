import Domain

/// Which time a page of usage is about, as its address says: one of a few usual lengths up to now, or any two times.
struct UsageRange: Sendable {
    let from: Timestamp
    let to: Timestamp
    let step: Step
    /// The usual length that was chosen; nil for any two times.
    let usual: Usual?

    enum Usual: String, CaseIterable, Sendable {
        case hour = "1h"
        case day = "24h"
        case week = "7d"
        case month = "30d"

        var title: String {
            switch self {
            case .hour: "Last hour"
            case .day: "Last 24 hours"
            case .week: "Last 7 days"
            case .month: "Last 30 days"
            }
        }

        fileprivate var milliseconds: Int64 {
            switch self {
            case .hour: 3_600_000
            case .day: 24 * 3_600_000
            case .week: 7 * 24 * 3_600_000
            case .month: 30 * 24 * 3_600_000
            }
        }
    }

    /// How long one bar of a chart is.
    enum Step: String, CaseIterable, Sendable {
        case minute = "1m"
        case quarter = "15m"
        case hour = "1h"
        case sixHours = "6h"
        case day = "1d"

        var milliseconds: Int64 {
            switch self {
            case .minute: 60_000
            case .quarter: 900_000
            case .hour: 3_600_000
            case .sixHours: 21_600_000
            case .day: 86_400_000
            }
        }

        /// The shortest that makes no more bars than can be told apart.
        fileprivate static func fitting(_ milliseconds: Int64) -> Step {
            self.allCases.first { milliseconds / $0.milliseconds <= UsageRange.barsMax } ?? .day
        }
    }

    private static let barsMax: Int64 = 96

    /// Throws where the two times are none, or the wrong way round.
    init(_ query: FormFields, at now: Timestamp) throws {
        if query["range"] == "custom" || (query["range"] == nil && query["from"] != nil) {
            let to = try Self.time("to", query) ?? now
            let from = try Self.time("from", query) ?? to.advanced(byMilliseconds: -Usual.day.milliseconds)
            guard from < to else { throw Problem.badQuery("from", "must be before `to`") }
            self.from = from
            self.to = to
            self.step = .fitting(to.milliseconds(since: from))
            self.usual = nil
        } else {
            let usual = query["range"].flatMap(Usual.init) ?? .day
            self.step = .fitting(usual.milliseconds)
            self.usual = usual
            // Steps begin with the range: one that ends with a whole step has bars that begin at whole hours.
            let unit = self.step.milliseconds
            self.to = Timestamp(unixMilliseconds: (now.unixMilliseconds / unit + 1) * unit)
            self.from = self.to.advanced(byMilliseconds: -usual.milliseconds)
        }
    }

    /// As `<input type="datetime-local">` sends it, in UTC; seconds may be there.
    private static func time(_ name: String, _ query: FormFields) throws -> Timestamp? {
        guard let text = query[name] else { return nil }
        let spelled = [text, "\(text)Z", "\(text):00Z", "\(text)T00:00:00Z"]
        guard let time = spelled.lazy.compactMap({ Timestamp(rfc3339: $0) }).first else {
            throw Problem.badQuery(name, "must be a time in UTC such as 2027-01-31T00:00")
        }
        return time
    }

    var title: String {
        self.usual?.title ?? "\(Figures.minute(self.from)) to \(Figures.minute(self.to))"
    }

    /// For the admin API.
    var query: [String: String] { ["from": self.from.rfc3339, "to": self.to.rfc3339] }

    /// For links to another page of the same time.
    var link: KeyValuePairs<String, String?> {
        guard let usual = self.usual else {
            return ["range": "custom", "from": self.from.rfc3339, "to": self.to.rfc3339]
        }
        return ["range": usual.rawValue]
    }

    /// The begin of every step, also of those in which nothing was.
    var steps: [Timestamp] {
        stride(from: self.from.unixMilliseconds, to: self.to.unixMilliseconds, by: Int(self.step.milliseconds))
            .map { Timestamp(unixMilliseconds: $0) }
    }

    /// `14:00`, or the day where steps are that long.
    func label(of time: Timestamp) -> String {
        let text = time.rfc3339
        let (day, clock) = (String(text.prefix(10).suffix(5)), String(text.dropFirst(11).prefix(5)))
        switch self.step {
        case .minute, .quarter: return clock
        case .hour:
            return self.to.milliseconds(since: self.from) > Usual.day.milliseconds ? "\(day) \(clock)" : clock
        case .sixHours: return "\(day) \(clock)"
        case .day: return day
        }
    }
}
