/// What a rate lets through at once and after a while: a token bucket in whole numbers.
struct RateBucket: Hashable, Sendable {
    /// How a bucket makes of a rate what it takes in and what it has room for.
    struct Shape: Hashable, Sendable {
        /// One in so many of the rate is not taken in; zero: all is.
        let heldBackPart: Int64
        /// Room for one in so many of a minute's rate, beside that for one.
        let roomPart: Int64

        /// In no minute more than the minute's rate and one: what there is room for is held back of what is taken in.
        static let requests = Shape(heldBackPart: 80, roomPart: 80)
        /// Ten seconds' worth at once. An exchange passes on credit, so that a large one passes a small limit.
        static let tokens = Shape(heldBackPart: 0, roomPart: 6)

        func intake(of rate: Int64) -> Int64 { self.heldBackPart > 0 ? rate - rate / self.heldBackPart : rate }

        func room(of rate: Int64) -> Int64 { rate * RateBucket.minute / self.roomPart + RateBucket.one }
    }

    static let minute: Int64 = 60_000
    /// A level of one: a thousandth a minute is a level of one a millisecond.
    static let one = LimitAmounts.one * Self.minute

    private let shape: Shape
    private var level: Int64
    private var at: Int64

    init(_ shape: Shape, at now: Int64) {
        self.shape = shape
        self.level = Self.one
        self.at = now
    }

    /// Takes in what has come at `rate` since the last time.
    mutating func fill(at now: Int64, rate: Int64) {
        let elapsed = max(now - self.at, 0)
        self.at = max(self.at, now)
        let (intake, overflow) = self.shape.intake(of: rate).multipliedReportingOverflow(by: elapsed)
        self.add(overflow ? .max : intake)
        self.level = min(self.level, self.shape.room(of: rate))
    }

    mutating func take(_ count: Int64) { self.add(-Self.level(of: count)) }

    mutating func giveBack(_ count: Int64) { self.add(Self.level(of: count)) }

    private mutating func add(_ amount: Int64) {
        let (sum, overflow) = self.level.addingReportingOverflow(amount)
        self.level = overflow ? (amount > 0 ? .max : .min) : sum
    }

    private static func level(of count: Int64) -> Int64 { min(max(count, 0), Limit.countMax) * Self.one }

    /// How many are left; none while it is in debt.
    var left: Int64 { max(self.level, 0) / Self.one }

    /// Until one is left; nil where nothing comes in.
    func millisecondsUntilOne(rate: Int64) -> Int64? { self.milliseconds(until: Self.one, rate: rate) }

    func millisecondsUntilFull(rate: Int64) -> Int64? {
        self.milliseconds(until: self.shape.room(of: rate), rate: rate)
    }

    private func milliseconds(until level: Int64, rate: Int64) -> Int64? {
        let (lack, overflow) = level.subtractingReportingOverflow(self.level)
        guard overflow || lack > 0 else { return 0 }
        let intake = self.shape.intake(of: rate)
        guard !overflow, intake > 0 else { return nil }
        return lack / intake + (lack % intake > 0 ? 1 : 0)
    }
}
