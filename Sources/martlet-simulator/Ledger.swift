import Foundation
import Synchronization

/// What the simulator did, so that a test can compare it with what a gateway counted.
final class Ledger: Sendable {
    /// Answers beyond this are still summed, but no longer listed.
    static let listedMax = 1_000_000

    struct Entry: Encodable, Sendable {
        let id: String
        let model: String
        let promptTokens: Int64
        let cachedTokens: Int64
        let completionTokens: Int64
        let isStream: Bool
        /// Everything was handed to the kernel, end marker included.
        var isComplete: Bool
    }

    struct Counts: Encodable, Sendable {
        var requests = 0
        var refused = 0
        var begun = 0
        var completed = 0
        var cut = 0
        /// Tokens of completed answers.
        var promptTokens: Int64 = 0
        var cachedTokens: Int64 = 0
        var completionTokens: Int64 = 0
        var completedByModel: [String: Int] = [:]
    }

    struct LastRequest: Encodable, Sendable {
        var head = ""
        var headers: [[String]] = []
        var body = ""
    }

    private struct State {
        var counts = Counts()
        var entries: [Entry] = []
        var last = LastRequest()
        var answers: UInt64 = 0
        var generator: SeededGenerator
    }

    private let state: Mutex<State>

    init(seed: UInt64) { self.state = Mutex(State(generator: SeededGenerator(seed: seed))) }

    func received(_ request: LastRequest) {
        self.state.withLock {
            $0.counts.requests += 1
            $0.last = request
        }
    }

    func refused() { self.state.withLock { $0.counts.refused += 1 } }

    /// Numbers and draws one answer.
    func answer(to request: ChatRequest, knobs: Knobs) -> Answer {
        self.state.withLock {
            $0.answers += 1
            return Answer(to: request, knobs: knobs, number: $0.answers, using: &$0.generator)
        }
    }

    /// The answer's first byte goes out. The result names its place in the list.
    func began(_ answer: Answer) -> Int? {
        self.state.withLock {
            $0.counts.begun += 1
            guard $0.entries.count < Self.listedMax else { return nil }
            $0.entries.append(
                Entry(
                    id: answer.id,
                    model: answer.model,
                    promptTokens: answer.promptTokens,
                    cachedTokens: answer.cachedTokens,
                    completionTokens: answer.completionTokens,
                    isStream: answer.isStream,
                    isComplete: false
                )
            )
            return $0.entries.count - 1
        }
    }

    func completed(_ answer: Answer, at place: Int?) {
        self.state.withLock {
            $0.counts.completed += 1
            $0.counts.promptTokens += answer.promptTokens
            $0.counts.cachedTokens += answer.cachedTokens
            $0.counts.completionTokens += answer.completionTokens
            $0.counts.completedByModel[answer.model, default: 0] += 1
            if let place, place < $0.entries.count { $0.entries[place].isComplete = true }
        }
    }

    func cut() { self.state.withLock { $0.counts.cut += 1 } }

    func reset() {
        self.state.withLock {
            $0.counts = Counts()
            $0.entries = []
            $0.last = LastRequest()
        }
    }

    // MARK: - As JSON

    func countsJSON() throws -> Data { try Self.encoder.encode(self.state.withLock { $0.counts }) }
    func answersJSON() throws -> Data { try Self.encoder.encode(self.state.withLock { $0.entries }) }
    func lastJSON() throws -> Data { try Self.encoder.encode(self.state.withLock { $0.last }) }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = .sortedKeys
        return encoder
    }
}
