import Foundation
import GRDB
import Platform
import TestSupport
import Testing

/// What the simulated provider wrote down of one answer.
struct ProviderAnswer: Decodable, Hashable, Sendable {
    let id: String
    let promptTokens: Int64
    let cachedTokens: Int64
    let completionTokens: Int64
    let isComplete: Bool

    enum CodingKeys: String, CodingKey {
        case id
        case promptTokens = "prompt_tokens"
        case cachedTokens = "cached_tokens"
        case completionTokens = "completion_tokens"
        case isComplete = "is_complete"
    }
}

/// What the control plane wrote down of one attempt, read from its database.
struct CountedAttempt: Hashable, Sendable {
    let exchange: String
    let attempt: Int
    let providerRequest: String
    let outcome: String
    let isUnconfirmed: Bool
    let input: Int64?
    let cachedInput: Int64?
    let output: Int64?
    let costNanoDollars: Int64
}

/// The provider's books and the control plane's, side by side.
struct Books: Sendable {
    let provider: [ProviderAnswer]
    let counted: [CountedAttempt]

    init(of house: House) async throws {
        let reply = try await house.client.send(
            OutgoingRequest(.get, "\(house.simulatorURL)/_sim/answers", replyBytesMax: 256 << 20)
        )
        self.provider = try JSONDecoder().decode([ProviderAnswer].self, from: Data(reply.body))
        self.counted = try Self.attempts(at: house.databasePath)
    }

    static func attempts(at path: String) throws -> [CountedAttempt] {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        return try DatabaseQueue(path: path, configuration: configuration).read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM usageEvent WHERE attempt > 0").map { row in
                CountedAttempt(
                    exchange: row["exchange"],
                    attempt: row["attempt"],
                    providerRequest: row["providerRequest"],
                    outcome: row["outcome"],
                    isUnconfirmed: row["isUnconfirmed"],
                    input: row["inputTokens"],
                    cachedInput: row["cachedInputTokens"],
                    output: row["outputTokens"],
                    costNanoDollars: row["costNanoDollars"]
                )
            }
        }
    }

    var unconfirmed: [CountedAttempt] { self.counted.filter(\.isUnconfirmed) }

    /// Holds the two against each other, answer by answer.
    ///
    /// Every attempt is counted once. Every answer that the provider gave in full stands in the control plane's books
    /// with the provider's own numbers, or is one of the unconfirmed; none stands there that the provider did not give.
    func expectAgreement(sourceLocation: SourceLocation = #_sourceLocation) {
        let attempts = self.counted.map { "\($0.exchange)/\($0.attempt)" }
        #expect(Set(attempts).count == attempts.count, "an attempt was counted twice", sourceLocation: sourceLocation)
        let byID = Dictionary(grouping: self.counted.filter { !$0.providerRequest.isEmpty }, by: \.providerRequest)
        let twice = byID.filter { $1.count > 1 }
        #expect(twice.isEmpty, "answers counted twice: \(twice.keys)", sourceLocation: sourceLocation)
        let given = Dictionary(uniqueKeysWithValues: self.provider.map { ($0.id, $0) })
        let invented = byID.keys.filter { given[$0] == nil }
        #expect(invented.isEmpty, "answers that were never given: \(invented)", sourceLocation: sourceLocation)
        var missing = 0
        for answer in self.provider where answer.isComplete {
            guard let counted = byID[answer.id]?.first else {
                missing += 1
                continue
            }
            guard !counted.isUnconfirmed else { continue }
            let tokens = [counted.input, counted.cachedInput, counted.output]
            let told = [answer.promptTokens - answer.cachedTokens, answer.cachedTokens, answer.completionTokens]
            #expect(tokens == told, "\(answer.id): \(counted)", sourceLocation: sourceLocation)
            #expect(counted.costNanoDollars == answer.costNanoDollars, "\(answer.id)", sourceLocation: sourceLocation)
        }
        let nameless = self.unconfirmed.filter { $0.providerRequest.isEmpty }.count
        #expect(
            missing <= nameless,
            "\(missing) answers are missing, \(nameless) unconfirmed events could stand for them",
            sourceLocation: sourceLocation
        )
    }
}

extension ProviderAnswer {
    /// By the prices of the house's bundle, which are whole nano-dollars a token.
    fileprivate var costNanoDollars: Int64 {
        (self.promptTokens - self.cachedTokens) * 100 + self.cachedTokens * 50 + self.completionTokens * 400
    }
}
