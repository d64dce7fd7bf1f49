import Foundation
import Testing

@testable import martlet_simulator

@Suite struct LoadPlanTests {
    @Test func `requests come due at the rate, from the start on, without drift`() {
        let pace = Pace(perSecond: 300)
        #expect(pace.due(0) == 0 && pace.due(1) == 3_333_333)
        #expect(pace.due(300) == 1_000_000_000 && pace.due(300_000_000) == 1_000_000_000_000_000)
    }

    @Test func `the shares of a load have together what the whole has, and the same due times`() {
        let pace = Pace(perSecond: 1_000)
        let whole = Self.plan(.open(pace, count: 10), connections: 7)
        let shares = (0..<3).map { whole.share($0, of: 3) }
        #expect(shares.map(\.connections).reduce(0, +) == 7)
        let dues = shares.flatMap { share -> [Int64] in
            guard case .open(let pace, let count) = share.shape else { return [] }
            return (0..<count).map(pace.due)
        }
        #expect(dues.sorted() == (0..<10).map(pace.due))
        let closed = Self.plan(.closed(.requests(11)), connections: 4)
        #expect((0..<4).map { closed.share($0, of: 4).shape }.contains(.closed(.requests(2))))
        #expect(Self.plan(.held(nanoseconds: 5), connections: 4).share(1, of: 2).shape == .held(nanoseconds: 5))
    }

    private static func plan(_ shape: LoadPlan.Shape, connections: Int) -> LoadPlan {
        LoadPlan(
            host: "127.0.0.1",
            port: 1,
            request: [],
            isStream: false,
            connections: connections,
            shape: shape,
            timeoutNanoseconds: 1
        )
    }

    @Test func `a body is JSON of exactly the size that was asked for`() throws {
        for bytes in [256, 1_024, 102_400] {
            let body = try LoadRequest.body(model: "a \"b\"", knobs: "chunks=2", isStream: true, bytes: bytes)
            #expect(body.count == bytes)
            let request = try JSONDecoder().decode(ChatRequest.self, from: Data(body))
            #expect(request.model == "a \"b\"" && request.stream == true && request.metadata == ["sim": "chunks=2"])
        }
        let small = try LoadRequest.body(model: "sim", knobs: "", isStream: false, bytes: 1)
        #expect(try JSONDecoder().decode(ChatRequest.self, from: Data(small)).stream == false)
    }
}
