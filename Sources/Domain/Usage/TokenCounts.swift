/// The tokens of one attempt by kind. The kinds are disjoint: `input` leaves out what was read from a cache, written
/// into one, or is audio or image; `output` leaves out reasoning, audio and images.
///
/// Each count has three states: nil is "not known", which is never billed as zero and never shown as zero;
/// 0 is a count; n is a count. A provider that does not tell a kind apart counts it in its side's ordinary one.
package struct TokenCounts: Hashable, Sendable {
    package var input: Int64?
    package var cachedInput: Int64?
    package var cacheWrite: Int64?
    package var cacheWrite1h: Int64?
    package var inputAudio: Int64?
    package var inputImage: Int64?
    package var output: Int64?
    package var reasoning: Int64?
    package var outputAudio: Int64?
    package var outputImage: Int64?
    /// At which service tier the provider says that it counted them; nil where it said nothing.
    package var serviceTier: ServiceTier?

    package init(input: Int64? = nil, cachedInput: Int64? = nil, output: Int64? = nil, reasoning: Int64? = nil) {
        self.input = input
        self.cachedInput = cachedInput
        self.output = output
        self.reasoning = reasoning
    }

    package static let unknown = TokenCounts()

    /// Nothing was sent, or nothing that anybody bills: zero, and known to be.
    package static let none = TokenCounts(input: 0, cachedInput: 0, output: 0)

    /// No count from outside is believed beyond this, so that sums of many cannot overflow.
    package static let countMax: Int64 = 1_000_000_000

    package subscript(kind: TokenKind) -> Int64? {
        get {
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
        set {
            switch kind {
            case .input: self.input = newValue
            case .cachedInput: self.cachedInput = newValue
            case .cacheWrite: self.cacheWrite = newValue
            case .cacheWrite1h: self.cacheWrite1h = newValue
            case .inputAudio: self.inputAudio = newValue
            case .inputImage: self.inputImage = newValue
            case .output: self.output = newValue
            case .reasoning: self.reasoning = newValue
            case .outputAudio: self.outputAudio = newValue
            case .outputImage: self.outputImage = newValue
            }
        }
    }

    /// All input together, of whatever kind: what context-size tiers of prices look at. Zero where nothing is known.
    package var inputOfAllKinds: Int64 {
        Self.sum(self.input, self.cachedInput, self.cacheWrite, self.cacheWrite1h, self.inputAudio, self.inputImage)
    }

    package var outputOfAllKinds: Int64 {
        Self.sum(self.output, self.reasoning, self.outputAudio, self.outputImage, nil, nil)
    }

    private static func sum(
        _ a: Int64?,
        _ b: Int64?,
        _ c: Int64?,
        _ d: Int64?,
        _ e: Int64?,
        _ f: Int64?
    ) -> Int64 {
        var sum = a ?? 0
        if let b { sum.addSaturating(b) }
        if let c { sum.addSaturating(c) }
        if let d { sum.addSaturating(d) }
        if let e { sum.addSaturating(e) }
        if let f { sum.addSaturating(f) }
        return sum
    }

    /// No count is below zero, and those of each side together are no more than is said. Where they are too many, the
    /// kinds that are usually dearest keep theirs first: too much is the safe side.
    package func limited(inputMax: Int64, outputMax: Int64) -> TokenCounts {
        var limited = self
        var room = max(inputMax, 0)
        Self.limit(&limited.inputAudio, &room)
        Self.limit(&limited.inputImage, &room)
        Self.limit(&limited.cacheWrite1h, &room)
        Self.limit(&limited.cacheWrite, &room)
        Self.limit(&limited.input, &room)
        Self.limit(&limited.cachedInput, &room)
        room = max(outputMax, 0)
        Self.limit(&limited.outputAudio, &room)
        Self.limit(&limited.outputImage, &room)
        Self.limit(&limited.reasoning, &room)
        Self.limit(&limited.output, &room)
        return limited
    }

    private static func limit(_ count: inout Int64?, _ room: inout Int64) {
        guard let told = count else { return }
        let kept = min(max(told, 0), room)
        count = kept
        room -= kept
    }

    /// Every known count moved into `0...countMax`, those of one side together too: so their cost always fits.
    package var clamped: TokenCounts { self.limited(inputMax: Self.countMax, outputMax: Self.countMax) }

    /// A later count of the same attempt: what it tells holds, what it leaves out stays. The kinds of one side are one
    /// count cut in pieces, so they are taken or kept together.
    package func updated(by later: TokenCounts) -> TokenCounts {
        var counts = self
        if later.input == nil { counts.fillInput(from: later) } else { counts.takeInput(of: later) }
        if later.output == nil { counts.fillOutput(from: later) } else { counts.takeOutput(of: later) }
        counts.serviceTier = later.serviceTier ?? self.serviceTier
        return counts
    }

    private mutating func takeInput(of later: TokenCounts) {
        self.input = later.input
        self.cachedInput = later.cachedInput
        self.cacheWrite = later.cacheWrite
        self.cacheWrite1h = later.cacheWrite1h
        self.inputAudio = later.inputAudio
        self.inputImage = later.inputImage
    }

    private mutating func fillInput(from later: TokenCounts) {
        self.cachedInput = self.cachedInput ?? later.cachedInput
        self.cacheWrite = self.cacheWrite ?? later.cacheWrite
        self.cacheWrite1h = self.cacheWrite1h ?? later.cacheWrite1h
        self.inputAudio = self.inputAudio ?? later.inputAudio
        self.inputImage = self.inputImage ?? later.inputImage
    }

    private mutating func takeOutput(of later: TokenCounts) {
        self.output = later.output
        self.reasoning = later.reasoning
        self.outputAudio = later.outputAudio
        self.outputImage = later.outputImage
    }

    private mutating func fillOutput(from later: TokenCounts) {
        self.reasoning = self.reasoning ?? later.reasoning
        self.outputAudio = self.outputAudio ?? later.outputAudio
        self.outputImage = self.outputImage ?? later.outputImage
    }

    /// Who counted.
    package enum Source: String, Hashable, Sendable, CaseIterable {
        case provider
        case counted
        case estimated
        case unknown
    }
}
