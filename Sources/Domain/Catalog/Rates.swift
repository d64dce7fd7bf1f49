/// What tokens cost by kind, as people write it: money per million tokens. Only the two ordinary kinds must have a rate;
/// what the others cost without one is ``CompleteRates``' to say.
package struct Rates: Hashable, Sendable {
    package let input: Money
    package var cachedInput: Money?
    package var cacheWrite: Money?
    package var cacheWrite1h: Money?
    package var inputAudio: Money?
    package var inputImage: Money?
    package let output: Money
    package var reasoning: Money?
    package var outputAudio: Money?
    package var outputImage: Money?

    package init(input: Money, cachedInput: Money? = nil, output: Money) {
        self.input = input
        self.cachedInput = cachedInput
        self.output = output
    }

    /// Nil where one of the ordinary kinds has no rate.
    package init?(_ rate: (TokenKind) -> Money?) {
        guard let input = rate(.input), let output = rate(.output) else { return nil }
        self.init(input: input, cachedInput: rate(.cachedInput), output: output)
        self.cacheWrite = rate(.cacheWrite)
        self.cacheWrite1h = rate(.cacheWrite1h)
        self.inputAudio = rate(.inputAudio)
        self.inputImage = rate(.inputImage)
        self.reasoning = rate(.reasoning)
        self.outputAudio = rate(.outputAudio)
        self.outputImage = rate(.outputImage)
    }

    package subscript(kind: TokenKind) -> Money? {
        switch kind {
        case .input: self.input
        case .cachedInput: self.cachedInput
        case .cacheWrite: self.cacheWrite
        case .cacheWrite1h: self.cacheWrite1h
        case .inputAudio: self.inputAudio
        case .inputImage: self.inputImage
        case .output: self.output
        case .reasoning: self.reasoning
        case .outputAudio: self.outputAudio
        case .outputImage: self.outputImage
        }
    }

    /// A dollar a token. No snapshot holds a higher rate, so that the cost of clamped counts always fits.
    package static let rateMax = Money(nanoDollars: 1_000_000 * Money.nanoDollarsPerDollar)

    package var areWithinBounds: Bool {
        TokenKind.allCases.allSatisfy { (.zero...Self.rateMax).contains(self[$0] ?? .zero) }
    }
}
