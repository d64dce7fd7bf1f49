/// What a load is to do: a value, the same for every event loop that shares in it.
struct LoadPlan: Sendable {
    enum Shape: Sendable, Equatable {
        /// Each connection asks again as soon as it is answered: so many requests in all, or for so long.
        case closed(Limit)
        /// Requests are due at a steady rate, whether or not the earlier ones have been answered.
        case open(Pace, count: Int)
        /// Opens a stream on each connection and keeps it open.
        case held(nanoseconds: Int64)
    }

    enum Limit: Sendable, Equatable {
        case requests(Int)
        case nanoseconds(Int64)
    }

    let host: String
    let port: Int
    /// The whole request, head and body, as it is sent each time.
    let request: [UInt8]
    let isStream: Bool
    /// The caller hangs up on a stream after so many events; nil if it reads each to its end.
    var hangUpAfter: Int?
    let connections: Int
    let shape: Shape
    /// A request that takes longer has failed.
    let timeoutNanoseconds: Int64

    /// The part of the plan for one of `count` event loops.
    func share(_ number: Int, of count: Int) -> LoadPlan {
        let shape =
            switch self.shape {
            case .closed(.requests(let requests)): Shape.closed(.requests(Self.part(number, of: count, requests)))
            case .open(let pace, let requests):
                Shape.open(pace.share(number, of: count), count: Self.part(number, of: count, requests))
            case .closed(.nanoseconds), .held: self.shape
            }
        return LoadPlan(
            host: self.host,
            port: self.port,
            request: self.request,
            isStream: self.isStream,
            hangUpAfter: self.hangUpAfter,
            connections: Self.part(number, of: count, self.connections),
            shape: shape,
            timeoutNanoseconds: self.timeoutNanoseconds
        )
    }

    private static func part(_ number: Int, of count: Int, _ total: Int) -> Int {
        total / count + (number < total % count ? 1 : 0)
    }
}

/// When the requests of an open loop are due, counted in nanoseconds from the start.
///
/// Due times depend on the rate alone, so that a slow answer delays no later request's clock: each latency is
/// measured from when its request was due, and what a stall costs is seen in every request that waited for it.
struct Pace: Hashable, Sendable {
    let perSecond: Double
    private var first = 0
    private var step = 1

    init(perSecond: Double) { self.perSecond = perSecond }

    func due(_ number: Int) -> Int64 {
        Int64((Double(self.first + number * self.step) * 1e9 / self.perSecond).rounded())
    }

    /// Every `count`th due time, beginning with number `number`.
    func share(_ number: Int, of count: Int) -> Pace {
        var share = self
        share.first += number * self.step
        share.step *= count
        return share
    }
}
