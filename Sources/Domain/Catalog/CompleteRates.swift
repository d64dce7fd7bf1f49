/// The rate of every kind of token, in nano-dollars per million, with what was not written filled in.
///
/// A kind without a rate costs what its side's ordinary kind does (a write for an hour at least what one for minutes
/// does), because a provider that has no rate for it bills it so; and never less than what the standard table writes for
/// it, so that a tier's gap is never a discount.
struct CompleteRates: Hashable, Sendable {
    private let input: Int64
    private let cachedInput: Int64
    private let cacheWrite: Int64
    private let cacheWrite1h: Int64
    private let inputAudio: Int64
    private let inputImage: Int64
    private let output: Int64
    private let reasoning: Int64
    private let outputAudio: Int64
    private let outputImage: Int64
    /// The highest of each side, whatever kind has it.
    private let dearestInput: Int64
    private let dearestOutput: Int64

    init(_ rates: Rates, over standard: Rates) {
        func filled(_ kind: TokenKind, from ordinary: Int64) -> Int64 {
            rates[kind]?.nanoDollars ?? max(ordinary, standard[kind]?.nanoDollars ?? 0)
        }
        let input = rates.input.nanoDollars
        let output = rates.output.nanoDollars
        self.input = input
        self.cachedInput = filled(.cachedInput, from: input)
        self.cacheWrite = filled(.cacheWrite, from: input)
        self.cacheWrite1h = filled(.cacheWrite1h, from: max(input, self.cacheWrite))
        self.inputAudio = filled(.inputAudio, from: input)
        self.inputImage = filled(.inputImage, from: input)
        self.output = output
        self.reasoning = filled(.reasoning, from: output)
        self.outputAudio = filled(.outputAudio, from: output)
        self.outputImage = filled(.outputImage, from: output)
        let writes = max(self.cacheWrite, self.cacheWrite1h)
        self.dearestInput = max(input, self.cachedInput, writes, max(self.inputAudio, self.inputImage))
        self.dearestOutput = max(output, self.reasoning, self.outputAudio, self.outputImage)
    }

    /// Tokens times rates, not divided yet. Absent counts add nothing; nil on overflow, a negative count or rate.
    func sum(of tokens: TokenCounts) -> UInt128? {
        var sum = Sum()
        sum.add(tokens.input, self.input)
        sum.add(tokens.cachedInput, self.cachedInput)
        sum.add(tokens.cacheWrite, self.cacheWrite)
        sum.add(tokens.cacheWrite1h, self.cacheWrite1h)
        sum.add(tokens.inputAudio, self.inputAudio)
        sum.add(tokens.inputImage, self.inputImage)
        sum.add(tokens.output, self.output)
        sum.add(tokens.reasoning, self.reasoning)
        sum.add(tokens.outputAudio, self.outputAudio)
        sum.add(tokens.outputImage, self.outputImage)
        return sum.isGood ? sum.total : nil
    }

    /// The same, were every token of the dearest kind of its side.
    func worstSum(input: Int64, output: Int64) -> UInt128? {
        var sum = Sum()
        sum.add(input, self.dearestInput)
        sum.add(output, self.dearestOutput)
        return sum.isGood ? sum.total : nil
    }

    private struct Sum {
        var total: UInt128 = 0
        var isGood = true

        mutating func add(_ count: Int64?, _ rate: Int64) {
            guard let count else { return }
            guard count >= 0, rate >= 0 else {
                self.isGood = false
                return
            }
            // Each product of two 63-bit factors fits, but not any number of them.
            let (sum, overflow) = self.total.addingReportingOverflow(UInt128(count) * UInt128(rate))
            self.total = sum
            if overflow { self.isGood = false }
        }
    }
}
