/// The most that was asked for in one of the last two short windows.
struct RecentDemand: Hashable, Sendable {
    static let windowMilliseconds: Int64 = 5_000
    static let windowsPerMinute = 60_000 / Self.windowMilliseconds

    private var window: Int64 = 0
    private var current: Int64 = 0
    private var previous: Int64 = 0

    mutating func add(_ count: Int64, at now: Int64) {
        self.move(to: now)
        self.current = min(self.current + min(max(count, 0), Limit.countMax), Limit.countMax)
    }

    mutating func raise(to level: Int64, at now: Int64) {
        self.move(to: now)
        self.current = max(self.current, level)
    }

    mutating func inWindow(at now: Int64) -> Int64 {
        self.move(to: now)
        return max(self.current, self.previous)
    }

    mutating func perMinute(at now: Int64) -> Int64 {
        min(self.inWindow(at: now) * Self.windowsPerMinute, Limit.countMax) * LimitAmounts.one
    }

    private mutating func move(to now: Int64) {
        let window = now / Self.windowMilliseconds
        guard window > self.window else { return }
        self.previous = window == self.window + 1 ? self.current : 0
        self.current = 0
        self.window = window
    }
}
