/// A name that applications ask for, and the rules that choose a model for it.
package struct Route: Nameable, Hashable, Sendable {
    package let name: Name<Route>
    /// Asked in order; the first that applies gives the candidates. Without conditions, the first always applies.
    package let rules: [Rule]
    /// The most output tokens that a request may ask for on this route.
    package let maxOutput: Int64
    package let timeouts: Timeouts
    /// Whether a timeout after the body was sent, which the provider may bill, is tried again elsewhere.
    package let retryBilled: Bool
    package let hangUp: HangUp

    package init(
        name: Name<Route>,
        rules: [Rule],
        maxOutput: Int64 = Route.maxOutputDefault,
        timeouts: Timeouts = Timeouts(),
        retryBilled: Bool = false,
        hangUp: HangUp = .drain
    ) {
        self.name = name
        self.rules = rules
        self.maxOutput = maxOutput
        self.timeouts = timeouts
        self.retryBilled = retryBilled
        self.hangUp = hangUp
    }

    package static let maxOutputDefault: Int64 = 4_096

    /// The models that are tried, in this order: `use` first, then each `fallback`.
    package struct Rule: Hashable, Sendable {
        package let use: [Name<Model>]
        package let fallback: [Name<Model>]
        /// Each once, in the order in which they are tried.
        package let candidates: [Name<Model>]

        package init(use: [Name<Model>], fallback: [Name<Model>] = []) {
            self.use = use
            self.fallback = fallback
            var seen: Set<Name<Model>> = []
            self.candidates = (use + fallback).filter { seen.insert($0).inserted }
        }
    }

    /// What happens upstream when the caller hangs up during an answer.
    package enum HangUp: String, Hashable, Sendable, CaseIterable {
        /// Read on, up to a bound, so that the provider's own token count arrives.
        case drain
        /// Close at once; the tokens are those counted so far.
        case cancel
    }
}

/// How long an exchange waits for each step, in milliseconds.
package struct Timeouts: Hashable, Sendable {
    /// A day. A wait of zero or less, or beyond this, is a mistake and never reaches a node.
    package static let bounds: ClosedRange<Int64> = 1...86_400_000

    package let connect: Int64
    package let firstByteStreamed: Int64
    package let firstByteWhole: Int64
    package let betweenChunks: Int64
    package let total: Int64

    package init(
        connect: Int64 = 5_000,
        firstByteStreamed: Int64 = 60_000,
        firstByteWhole: Int64 = 600_000,
        betweenChunks: Int64 = 60_000,
        total: Int64 = 1_800_000
    ) {
        self.connect = connect
        self.firstByteStreamed = firstByteStreamed
        self.firstByteWhole = firstByteWhole
        self.betweenChunks = betweenChunks
        self.total = total
    }

    package var areWithinBounds: Bool {
        [self.connect, self.firstByteStreamed, self.firstByteWhole, self.betweenChunks, self.total]
            .allSatisfy(Self.bounds.contains)
    }
}
