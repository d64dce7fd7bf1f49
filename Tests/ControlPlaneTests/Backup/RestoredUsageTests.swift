import ControlPlane
import Domain
import Storage
import TestSupport
import Testing
import Wire

@Suite struct RestoredUsageTests {
    /// Ten events are taken, a backup is made after the first four of them, and the database is lost.
    private func restored(_ stream: inout TestStream) async throws -> ControlPlaneUnderTest {
        let control = try await ControlPlaneUnderTest.published()
        for number in 1...12 { stream.append(.event(try .fixture(number))) }
        _ = try await control.services.metering.take(try stream.batch(0..<4), from: stream.node)
        let backup = try await control.backUp()
        _ = try await control.services.metering.take(try stream.batch(4..<10), from: stream.node)
        let node = try await control.nodeFolder()
        try control.lose()
        return try await control.restored(from: backup, nodes: [node]).control
    }

    @Test func `a node that goes on is sent back to what the backup has, and every event is counted once`() async throws
    {
        var stream = try TestStream()
        let control = try await self.restored(&stream)
        let metering = control.services.metering
        #expect(try await metering.take(try stream.batch(10..<12), from: stream.node) == .rewind(expected: 5))
        _ = try await metering.take(try stream.batch(4..<8), from: stream.node)
        _ = try await metering.take(try stream.batch(8..<12), from: stream.node)
        _ = try await metering.take(try stream.batch(4..<12), from: stream.node)
        let row = try #require(try await control.usage().first)
        #expect(row.attempts == 12 && row.cost.nanoDollars == 12 * 30_000)
    }

    @Test func `what a node's spool no longer has is declared lost, and the stream goes on`() async throws {
        var stream = try TestStream()
        let control = try await self.restored(&stream)
        let metering = control.services.metering
        let range = try #require(LostRange(first: 5, last: 7))
        let declared = UsageBatch(
            boot: stream.boot,
            records: [UsageBatch.Record(sequence: 5, bytes: UsageCodec.encode(.lost(range)))],
            chain: nil
        )
        _ = try await metering.take(try UsageBatch.decode(declared.encoded()), from: stream.node)
        let receipt = try await metering.take(try stream.batch(7..<12), from: stream.node)
        guard case .taken(12, let intake) = receipt else {
            Issue.record("\(receipt)")
            return
        }
        #expect(intake.events == 5)
        #expect(metering.totals().lost == 3)
        #expect(try await control.usage().first?.attempts == 9)
    }
}
