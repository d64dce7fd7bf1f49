import Domain
import Storage
import Testing

@Suite struct AnsweredRequestTests {
    private static let answer = AnsweredRequest(status: 201, headers: "{}", body: "{\"a\":1}")
    private static let day: Int64 = 86_400_000

    @Test func `the same request gets the same answer for a day, another request a refusal`() async throws {
        let test = try TestDatabase()
        try await test.database.write { transaction in
            func answer(_ principal: String, _ request: UInt8, at time: Int64) throws -> AnsweredRequest? {
                try transaction.reading.answer(
                    for: "k",
                    of: principal,
                    request: testHash([request]),
                    at: Timestamp(unixMilliseconds: time)
                )
            }
            let begin = Timestamp(unixMilliseconds: 0)
            try transaction.remember(Self.answer, for: "k", of: "ann", request: testHash([1]), at: begin)
            #expect(try answer("ann", 1, at: Self.day - 1) == Self.answer)
            #expect(throws: StorageFault.otherRequest) { try answer("ann", 2, at: 1) }
            #expect(try answer("bob", 2, at: 1) == nil)
            #expect(try answer("ann", 2, at: Self.day) == nil)
            let end = Timestamp(unixMilliseconds: Self.day)
            try transaction.remember(Self.answer, for: "k", of: "ann", request: testHash([2]), at: end)
            #expect(try answer("ann", 2, at: Self.day + 1) == Self.answer)
        }
    }
}
