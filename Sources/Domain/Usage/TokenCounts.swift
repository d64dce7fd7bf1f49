/// The tokens of one attempt by kind. The kinds are disjoint: `input` leaves out what was read from a cache.
///
/// Each count has three states: nil is "not known", which is never billed as zero and never shown as zero;
/// 0 is a count; n is a count.
package struct TokenCounts: Hashable, Sendable {
    package var input: Int64?
    package var cachedInput: Int64?
    package var output: Int64?

    package init(input: Int64? = nil, cachedInput: Int64? = nil, output: Int64? = nil) {
        self.input = input
        self.cachedInput = cachedInput
        self.output = output
    }

    package static let unknown = TokenCounts()

    /// No count from outside is believed beyond this, so that sums of many cannot overflow.
    package static let countMax: Int64 = 1_000_000_000

    /// Every known count moved into `0...countMax`.
    package var clamped: TokenCounts {
        func clamp(_ count: Int64?) -> Int64? { count.map { min(max($0, 0), Self.countMax) } }
        return TokenCounts(
            input: clamp(self.input),
            cachedInput: clamp(self.cachedInput),
            output: clamp(self.output)
        )
    }

    /// A later count of the same attempt: what it tells holds, what it leaves out stays. The two kinds of input are
    /// one count cut in two, so they are taken or kept together.
    package func updated(by later: TokenCounts) -> TokenCounts {
        TokenCounts(
            input: later.input ?? self.input,
            cachedInput: later.input == nil ? self.cachedInput ?? later.cachedInput : later.cachedInput,
            output: later.output ?? self.output
        )
    }

    /// Who counted.
    package enum Source: String, Hashable, Sendable, CaseIterable {
        case provider
        case counted
        case estimated
        case unknown
    }
}
