import ControlPlane
import Domain
import HTTPTypes
import Storage
import Testing

@Suite struct IdempotencyAPITests {
    private static let key = ["Idempotency-Key": "k1"]

    @Test func `a repeated write is done once and answered the same`() async throws {
        let harness = try await APIHarness()
        let first = try await harness.call(.post, "/v1/teams", #"{"name": "a"}"#, headers: Self.key)
        let entries = try await harness.auditCount()
        let again = try await harness.call(.post, "/v1/teams", #"{"name": "a"}"#, headers: Self.key)
        #expect(again.status == 201)
        #expect(again.body == first.body)
        #expect(again.etag == first.etag)
        #expect(try await harness.auditCount() == entries)
    }

    @Test func `the same key with another request is refused; another principal's key is another key`() async throws {
        let harness = try await APIHarness()
        _ = try await harness.call(.post, "/v1/teams", #"{"name": "a"}"#, headers: Self.key)
        #expect(try await harness.call(.post, "/v1/teams", #"{"name": "b"}"#, headers: Self.key).status == 422)
        #expect(try await harness.call(.post, "/v1/roles", #"{"name": "a"}"#, headers: Self.key).status == 422)
        let other = try await harness.call(.post, "/v1/teams", #"{"name": "b"}"#, as: "author", headers: Self.key)
        #expect(other.status == 201)
        harness.clock.advance(seconds: 86_400)
        #expect(try await harness.call(.post, "/v1/teams", #"{"name": "c"}"#, headers: Self.key).status == 201)
    }

    @Test func `what was refused may be tried again under the same key`() async throws {
        let harness = try await APIHarness()
        #expect(try await harness.call(.post, "/v1/teams", "{}", headers: Self.key).status == 422)
        #expect(try await harness.call(.post, "/v1/teams", #"{"name": "a"}"#, headers: Self.key).status == 201)
    }

    @Test func `a text that is shown once is not shown again, and lies nowhere`() async throws {
        let harness = try await APIHarness()
        try await harness.fill()
        let body = #"{"team": "demo"}"#
        let first = try await harness.call(.post, "/v1/keys", body, headers: Self.key)
        let again = try await harness.call(.post, "/v1/keys", body, headers: Self.key)
        #expect(first.body["key"] != nil)
        #expect(again.status == 201)
        #expect(again.body["id"] == first.body["id"])
        #expect(again.body["key"] == nil)
    }

    @Test func `a hundred of the same at once make one`() async throws {
        let harness = try await APIHarness()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await harness.call(.post, "/v1/teams", #"{"name": "a"}"#, headers: Self.key).status
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(statuses == [201])
        #expect(try await harness.api.database.read { try $0.history(of: .teams, "a", limit: 10).count } == 1)
    }
}
