/// What an attempt is charged, and how sure that is. Every attempt is settled exactly once, at its end.
package struct Settlement: Hashable, Sendable {
    package let tokens: TokenCounts
    package let source: TokenCounts.Source
    package let cost: Money
    /// The provider may bill something else: its own count never arrived.
    package let isUnconfirmed: Bool

    /// What the provider's side of an attempt came to, as far as the node could see.
    package enum Ending: Hashable, Sendable {
        /// Never connected, or the connection ended before the request was on its way: no provider saw it.
        case notSent
        /// The provider answered with an error status instead of an answer, which nobody bills.
        case refused
        /// The provider's own final count, whatever became of the answer after it.
        case providerCount(TokenCounts)
        /// A part of a streamed answer (cut, cancelled, timed out), or a whole answer without a count. `seen` is
        /// what the node counted itself: one output token for each delta that held text.
        case seen(outputTokens: Int64)
        /// The request was sent and nothing, or nothing countable, came back.
        case unseen
    }

    package init(of ending: Ending, bound: AttemptBound, price: Price) {
        switch ending {
        case .notSent, .refused:
            // No fee either: nobody bills what was not answered.
            self.init(.none, .counted, cost: .zero, unconfirmed: false)
        case .providerCount(let tokens):
            let believed = bound.believed(tokens)
            let isAsTold = believed == tokens
            self.init(
                believed,
                isAsTold ? .provider : .estimated,
                cost: price.cost(of: believed.clamped),
                unconfirmed: !isAsTold
            )
        case .seen(let output):
            self.init(TokenCounts(input: bound.inputMax, output: output), .counted, untold: price)
        case .unseen:
            self.init(TokenCounts(input: bound.inputMax, output: bound.outputMax), .estimated, untold: price)
        }
    }

    /// Nobody told these counts, nor the service tier that they are billed at.
    private init(_ tokens: TokenCounts, _ source: TokenCounts.Source, untold price: Price) {
        self.init(tokens, source, cost: price.tariff.dearestCost(of: tokens.clamped), unconfirmed: true)
    }

    /// A cost is never nil for a price of a checked snapshot; were it nil, too much is the safe side.
    private init(_ tokens: TokenCounts, _ source: TokenCounts.Source, cost: Money?, unconfirmed: Bool) {
        let clamped = tokens.clamped
        self.tokens = clamped
        self.source = source
        self.cost = cost ?? .max
        self.isUnconfirmed = unconfirmed || clamped != tokens
    }
}

/// The most tokens that one attempt can be billed for: what it is charged where nothing better is known, and how far
/// a provider's own count is believed.
package struct AttemptBound: Hashable, Sendable {
    package let inputMax: Int64
    package let outputMax: Int64
    /// The most input that a provider's count may tell. Not `inputMax`: an image has more tokens than its link bytes.
    package let toldInputMax: Int64
    /// The same of output. Not `outputMax`: some servers do not obey the cap that they were sent.
    package let toldOutputMax: Int64

    package init(inputMax: Int64, outputMax: Int64, toldInputMax: Int64, toldOutputMax: Int64) {
        self.inputMax = inputMax
        self.outputMax = outputMax
        self.toldInputMax = toldInputMax
        self.toldOutputMax = toldOutputMax
    }

    /// The most that it can cost, of whatever kinds its tokens turn out to be.
    package func worstCase(at price: Price) -> Money {
        price.worstCost(input: self.inputMax, output: self.outputMax) ?? .max
    }

    /// The same where no more output than this is paid for.
    package func cappedOutput(at cap: Int64) -> AttemptBound {
        AttemptBound(
            inputMax: self.inputMax,
            outputMax: min(self.outputMax, cap),
            toldInputMax: self.toldInputMax,
            toldOutputMax: self.toldOutputMax
        )
    }

    /// A token is at least one byte of text, and the JSON around a message is longer than what a chat template adds
    /// to it: so the body's length and what the vendor adds bound the input of all text; an image has at most as many
    /// tokens as the model's approval says; and the model's context bounds everything.
    package init(
        bodyByteCount: Int,
        content: InputContent = .text,
        outputCap: Int64,
        choices: Int64 = 1,
        model: Model
    ) {
        func ofAllChoices(_ output: Int64) -> Int64 {
            let (product, overflow) = max(output, 0).multipliedReportingOverflow(by: max(choices, 1))
            return overflow ? TokenCounts.countMax : min(product, TokenCounts.countMax)
        }
        self.init(
            inputMax: Self.inputMax(bodyByteCount, content, model),
            outputMax: ofAllChoices(outputCap),
            toldInputMax: model.context,
            toldOutputMax: ofAllChoices(max(outputCap, model.maxOutput))
        )
    }

    private static func inputMax(_ bodyByteCount: Int, _ content: InputContent, _ model: Model) -> Int64 {
        let images: Int64
        switch content {
        case .text: images = 0
        case .images(let count):
            guard let each = model.imageTokensMax else { return model.context }
            let (product, overflow) = each.multipliedReportingOverflow(by: count)
            images = overflow ? model.context : product
        case .unbounded: return model.context
        }
        // Each is far below the end of the scale: bodies, contexts and what an approval says are bounded.
        let text = min(Int64(clamping: bodyByteCount), model.context) + model.overheadTokens
        return min(text + min(images, model.context), model.context)
    }

    /// A provider's count as far as it can be true: moved into what the model can take and make at all, all kinds of a
    /// side together, and filled up with the worst case where it says nothing. Equal to what was told if all of it is
    /// believed.
    package func believed(_ told: TokenCounts) -> TokenCounts {
        var filled = told
        filled.input = told.input ?? self.inputMax
        filled.output = told.output ?? self.outputMax
        return filled.limited(inputMax: self.toldInputMax, outputMax: self.toldOutputMax)
    }
}
