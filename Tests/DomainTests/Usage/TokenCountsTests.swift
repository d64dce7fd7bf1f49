import Domain
import TestSupport
import Testing

@Suite struct `Counts of tokens` {
    private func counts(_ told: [TokenKind: Int64]) -> TokenCounts {
        var counts = TokenCounts()
        for (kind, count) in told { counts[kind] = count }
        return counts
    }

    @Test func `every kind has a place of its own`() {
        for kind in TokenKind.allCases {
            let counts = self.counts([kind: 7])
            for other in TokenKind.allCases { #expect(counts[other] == (other == kind ? 7 : nil)) }
            #expect(counts.inputOfAllKinds == (kind.isInput ? 7 : 0))
            #expect(counts.outputOfAllKinds == (kind.isInput ? 0 : 7))
        }
    }

    @Test func `all kinds of a side together stay within its limit, and what is unknown stays so`() {
        var random = SeededGenerator.printed()
        for _ in 0..<500 {
            var told = TokenCounts()
            for kind in TokenKind.allCases where Bool.random(using: &random) {
                told[kind] = [.min, -1, 0, 1, .max, .random(in: 0...100, using: &random)].randomElement(using: &random)
            }
            let limited = told.limited(inputMax: 100, outputMax: 50)
            #expect((0...100).contains(limited.inputOfAllKinds) && (0...50).contains(limited.outputOfAllKinds))
            for kind in TokenKind.allCases { #expect((limited[kind] == nil) == (told[kind] == nil)) }
            #expect(limited.limited(inputMax: 100, outputMax: 50) == limited)
        }
    }

    @Test func `where a side has too many, the kinds that are usually dearest keep theirs`() {
        let told = self.counts([.input: 80, .cachedInput: 40, .inputAudio: 15, .output: 40, .outputAudio: 20])
        let kept = self.counts([.input: 80, .cachedInput: 5, .inputAudio: 15, .output: 30, .outputAudio: 20])
        #expect(told.limited(inputMax: 100, outputMax: 50) == kept)
    }

    @Test func `the kinds of a side are taken from one report, whichever told the ordinary kind last`() {
        let first = self.counts([.input: 5, .cacheWrite: 3, .output: 9, .reasoning: 4])
        let input = self.counts([.input: 8, .cachedInput: 1])
        #expect(
            first.updated(by: input) == self.counts([.input: 8, .cachedInput: 1, .output: 9, .reasoning: 4])
        )
        #expect(first.updated(by: self.counts([.output: 20])) == self.counts([.input: 5, .cacheWrite: 3, .output: 20]))
        let more = self.counts([.inputAudio: 2, .outputAudio: 1, .reasoning: 7])
        #expect(
            first.updated(by: more)
                == self.counts([.input: 5, .cacheWrite: 3, .inputAudio: 2, .output: 9, .reasoning: 4, .outputAudio: 1])
        )
        var tiered = first
        tiered.serviceTier = .flex
        #expect(tiered.updated(by: .unknown) == tiered)
    }
}
