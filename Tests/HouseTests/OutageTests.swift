import Foundation
import Platform
import TestSupport
import Testing

extension HouseSuite {
    @Test(.timeLimit(.minutes(5)))
    func `with the control plane away traffic goes on, a restarted node serves from disk, and usage catches up`()
        async throws
    {
        try await House.scoped(nodes: 2, knobs: "prompt=3-90;completion=1-40") { house in
            let key = try await house.makeKnownKey()
            let before = try await Self.ask(house, key.key, times: 10)
            try await house.stopControl()
            let without = try await Self.ask(house, key.key, times: 40)
            try await house.node(1).program.kill()
            try await house.startNode(1)
            let restarted = try await Self.ask(house, key.key, times: 40)
            #expect(before == 10 && without == 40 && restarted == 40)
            #expect(try Books.attempts(at: house.databasePath).count < 90)
            try await house.startControl()
            try await eventually(within: .seconds(60), "all 90 answers are counted") {
                try Books.attempts(at: house.databasePath).count >= 90
            }
            let books = try await Books(of: house)
            #expect(books.counted.count == 90)
            #expect(books.counted.allSatisfy { $0.outcome == "answered" && !$0.isUnconfirmed })
            books.expectAgreement()
            try await Self.expectReport(of: books, from: house)
        }
    }

    /// How many of so many requests, spread over the nodes and over whole and streamed, were answered in full.
    private static func ask(_ house: House, _ key: String, times: Int) async throws -> Int {
        var answered = 0
        for number in 0..<times {
            let isStream = number % 4 < 2
            let reply = try await house.ask(key: key, on: number % 2, isStream: isStream)
            if reply.status == 200, !isStream || reply.text.hasSuffix("data: [DONE]\n\n") { answered += 1 }
        }
        return answered
    }

    /// The report that people read adds up to the same numbers.
    private static func expectReport(of books: Books, from house: House) async throws {
        struct Report: Decodable {
            let rows: [Row]

            struct Row: Decodable {
                let attempts: Int
                let answered: Int
                let inputTokens: Int64?
                let cachedInputTokens: Int64?
                let outputTokens: Int64?
            }
        }
        let row = try #require(try await house.admin(.get, "/usage?by=model", as: Report.self).rows.first)
        #expect(row.attempts == books.counted.count && row.answered == books.counted.count)
        #expect(row.inputTokens == books.provider.map { $0.promptTokens - $0.cachedTokens }.reduce(0, +))
        #expect(row.outputTokens == books.provider.map(\.completionTokens).reduce(0, +))
    }
}
