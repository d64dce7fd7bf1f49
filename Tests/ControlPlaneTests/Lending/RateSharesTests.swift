import ControlPlane
import Domain
import HTTPTypes
import Storage
import Testing
import Wire

@Suite struct `Shares of limits, told to nodes` {
    private let key: LimitKey

    init() throws { self.key = LimitKey(try #require(Name("rate"))) }

    private static func limit(_ perMinute: Int) -> String { #"{"name":"rate","requestsPerMinute":\#(perMinute)}"# }

    private func call(_ round: UInt64, holds: Int64 = 0) -> LimitCall {
        let demand = LimitAmounts(requests: 9_000_000)
        return LimitCall(round: round, asks: [LimitAsk(self.key, holds: LimitAmounts(requests: holds), demand: demand)])
    }

    @Test func `a share of a limit in force comes with the answer about leases`() async throws {
        let clock = ManualTiming()
        let control = try await ControlPlaneUnderTest(timing: clock.timing)
        try await control.writeFirstCatalog()
        try await control.write(.limits, "rate", Self.limit(600))
        try await control.services.publisher.begin()
        clock.advance(by: .milliseconds(LimitShares.silentMilliseconds))
        let node = try await control.enrolled()
        try await control.withNodeAPI { client in
            let body = LeaseCodec.encode(LeaseCall(asks: [], limits: self.call(1)))
            let answer = try await node.call(client, .post, "/node/v1/leases", body: body)
            let heard = try LeaseCodec.answer(answer.bytes)
            #expect(heard.grants.isEmpty && heard.limits?.round == 1)
            #expect(heard.limits?.shares == [LimitShare(self.key, LimitAmounts(requests: 600_000))])
            #expect(heard.limits?.validMilliseconds == LimitShares.validMilliseconds)
            let older = LeaseCodec.encode(LeaseCall(asks: []))
            let plain = try await node.call(client, .post, "/node/v1/leases", body: older)
            #expect(try LeaseCodec.answer(plain.bytes).limits == nil, "of a build without limits")
        }
    }

    @Test func `a limit that changes, changes its shares, and one that is gone has none`() async throws {
        let clock = ManualTiming()
        let control = try await ControlPlaneUnderTest(timing: clock.timing)
        try await control.write(.limits, "rate", Self.limit(600))
        let book = LimitBook()
        let rates = RateShares(database: control.database, limits: book, timing: clock.timing)
        clock.advance(by: .milliseconds(LimitShares.silentMilliseconds))
        let boot = try #require(ID<Boot>("b1"))
        #expect(try await rates.answer(self.call(1), of: boot)?.shares.map(\.amounts.requests) == [600_000])
        try await control.write(.limits, "rate", Self.limit(60))
        book.contentChanged()
        let lowered = try await rates.answer(self.call(2, holds: 600_000), of: boot)
        #expect(lowered?.shares.map(\.amounts.requests) == [60_000])
        try await control.write(.limits, "rate", Self.limit(60), state: .archived)
        book.contentChanged()
        #expect(try await rates.answer(self.call(3), of: boot)?.shares.isEmpty == true)
        #expect(try await rates.answer(nil, of: boot) == nil)
    }
}
