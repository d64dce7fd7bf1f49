import DataPlane
import Domain
import Foundation
import Platform
import Testing
import Wire

/// I: who brings it, and what happens when nobody does.
let transportCases: [AttackCase] = [
    AttackCase("I01") {
        let bench = try await SnapshotBench()
        let unsigned = { @Sendable (envelope: Envelope) in envelope.with(signatures: []) }
        try await bench.refuses(Recipe(42) { $0.envelope[.head] = unsigned }, .thresholdNotMet)
        try await bench.refuses(Recipe(43) { $0.envelope[.manifest] = unsigned }, .thresholdNotMet)
    },
    AttackCase("I02") {
        let bench = try await SnapshotBench()
        bench.origin.set { $0.count = 2 }
        try bench.restart()
        try bench.offer(Recipe(42))
        // The control plane is out of reach; the relay, second in the list, brings the same bytes.
        bench.origin.set { $0.deadSources = [0] }
        await bench.deliver()
        #expect(bench.served?.version.sequence == 42)
    },
    AttackCase("I03") {
        let replies: [OutgoingResponse] = [
            OutgoingResponse(status: 404), OutgoingResponse(status: 410), OutgoingResponse(status: 500),
            OutgoingResponse(status: 503, headers: [OutgoingHeader("retry-after", "45")]),
            OutgoingResponse(status: 302, headers: [OutgoingHeader("location", "https://elsewhere.example/head")]),
        ]
        for reply in replies {
            let bench = try await SnapshotBench()
            try bench.offer(Recipe(42))
            bench.origin.answer { $0 == "/node/v1/head" ? .success(reply) : nil }
            try await bench.refusesWhatIsOffered([.transport])
            #expect(bench.origin.asked.allSatisfy { $0.hasPrefix("/node/v1/") }, "no redirect is followed")
            if reply.status == 503 { #expect(bench.waits.last == 45_000, "its patience is kept") }
        }
    },
    AttackCase("I04", argued: "nothing is pushed: a node asks, and a reply that breaks off is a truncated one") {
        try await refusesEveryHeadAndBlob(.failure(OutgoingFault(.truncated, "reset")), .truncated)
    },
    AttackCase("I05") {
        let bench = try await SnapshotBench()
        bench.origin.answer { _ in .failure(OutgoingFault(.connect, "refused")) }
        var client = must(bench.client)
        var now = bench.now
        let end = now.steady + 3_600_000
        var polls = 0
        var waits: [Int64] = []
        var draws = SplitDraw()
        var action = client.next(at: now)
        while now.steady < end {
            switch action {
            case .poll:
                polls += 1
                let refusal = SnapshotRefusal(.fetch, .transport, "refused")
                action = client.received(.failed(refusal, retryAfterMilliseconds: nil), at: now, draw: draws.next())
            case .sleep(let milliseconds):
                waits.append(milliseconds)
                now = Moment(wall: now.wall.advanced(byMilliseconds: milliseconds), steady: now.steady + milliseconds)
                action = client.next(at: now)
            default:
                Issue.record("\(action)")
                return
            }
        }
        #expect((120...480).contains(polls), "\(polls) polls in an hour: about one in fifteen seconds")
        #expect(waits.allSatisfy { (50...30_000).contains($0) }, "bounded on both sides")
        #expect(Set(waits).count > waits.count / 2, "with jitter")
        #expect(client.served?.version.sequence == 41)
    },
]

/// Draws that cover 0 ..< 1 evenly, the same in every run.
private struct SplitDraw {
    private var state = 0.0

    mutating func next() -> Double {
        self.state += 0.618_033_988_75
        self.state -= self.state.rounded(.down)
        return self.state
    }
}
