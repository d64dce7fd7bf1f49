import Foundation
import Platform
import TestSupport
import Testing

extension HouseSuite {
    @Test(.timeLimit(.minutes(5)))
    func `a revoked key stops working on every node within two seconds of the commit`() async throws {
        try await House.scoped(nodes: 3) { house in
            let clock = ContinuousClock()
            for round in 1...5 {
                let key = try await house.makeKnownKey()
                for number in house.nodeNumbers {
                    #expect(try await house.ask(key: key.key, on: number).status == 200, "round \(round)")
                }
                try await house.admin(.post, "/keys/\(key.id)/revoke", "{}")
                let committed = clock.now
                for number in house.nodeNumbers {
                    try await eventually(within: .seconds(2), "round \(round): node \(number) refuses the key") {
                        try await house.ask(key: key.key, on: number).status == 401
                    }
                }
                let took = clock.now - committed
                #expect(took < .seconds(2), "round \(round)")
                print("round \(round): revoked on 3 nodes \(took) after the commit was known")
            }
        }
    }
}
