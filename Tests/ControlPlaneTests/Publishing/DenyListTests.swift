import ControlPlane
import Domain
import Storage
import TestSupport
import Testing
import Wire

@Suite struct DenyListTests {
    private static func content(_ number: Int) -> String {
        #"{"id":"old-\#(number)","team":"demo","roles":["everyone"]}"#
    }

    /// Writes keys in one transaction, each a millisecond after the one before.
    private func write(
        _ numbers: ClosedRange<Int>,
        _ state: Revision.State,
        in control: ControlPlaneUnderTest
    ) async throws {
        let start = control.timing.now()
        try await control.database.write { transaction in
            for number in numbers {
                let deed = Deed(by: "ann", at: start.advanced(byMilliseconds: Int64(number)))
                let (name, content) = ("old-\(number)", Self.content(number))
                try transaction.revise(.keys, name, to: content, state: state, expecting: .anything, by: deed)
                guard state == .approved, let key = ID<APIKey>(name) else { continue }
                try transaction.rotate(key, to: .sha256(Array(name.utf8)), overlapEnd: deed.at, by: deed)
            }
        }
    }

    @Test func `the deny list forgets a key only when no snapshot above the floor holds it`() async throws {
        let control = try await ControlPlaneUnderTest()
        let publisher = control.services.publisher
        try await control.writeFirstCatalog()
        try await self.write(1...1_003, .approved, in: control)
        try await publisher.begin()
        let deed = control.deed
        try await control.database.write { try $0.setPublishing(.manual, by: deed) }
        try await control.write(.routes, "other", ControlPlaneUnderTest.route("other", use: ["local/small"]))
        try await self.write(1...1_000, .revoked, in: control)
        try await publisher.begin()
        let full = try await control.asNodeSees()
        #expect(full.manifest.sequence == 1 && full.manifest.floorSequence == 0)
        #expect(full.denied.revokedKeys.count == 1_000)

        try await self.write(1_001...1_001, .revoked, in: control)
        try await publisher.begin()
        let over = try await control.asNodeSees()
        #expect(over.denied.revokedKeys.count == 1_000)
        #expect(!over.denied.revokedKeys.contains(try #require(ID<APIKey>("old-1"))))
        // Without waiting for anybody, and without taking anything else along that waits for somebody.
        #expect(over.manifest.sequence == 2 && over.manifest.floorSequence == 2)
        #expect(over.content.keys.count == 3)
        #expect(over.content.routes.count == 1)

        try await self.write(1_002...1_002, .revoked, in: control)
        try await publisher.begin()
        let later = try await control.asNodeSees()
        #expect(later.manifest.sequence == 2)
        #expect(later.denied.revokedKeys.contains(try #require(ID<APIKey>("old-1002"))))
    }
}
