import Testing

@testable import DataPlane

@Suite struct BackoffTests {
    @Test func `the ceiling doubles from half a second to half a minute and falls back on success`() {
        var backoff = Backoff()
        let ceilings = (0..<8).map { _ in backoff.next { $0 } }
        #expect(ceilings == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
        #expect(backoff.next { _ in 0 } == 0)
        backoff.reset()
        #expect(backoff.next { $0 } == 500)
    }
}

@Suite(.timeLimit(.minutes(1))) struct BellTests {
    @Test func `a ring before the wait is remembered, once`() async {
        let bell = Bell()
        bell.ring()
        bell.ring()
        await bell.wait(upTo: .seconds(3_600))
        await bell.wait(upTo: .milliseconds(1))
    }

    @Test func `a ring wakes who waits`() async {
        let bell = Bell()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await bell.wait(upTo: .seconds(3_600)) }
            group.addTask { bell.ring() }
        }
    }

    @Test func `a cancelled wait returns`() async {
        let bell = Bell()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await bell.wait(upTo: .seconds(3_600)) }
            group.cancelAll()
        }
    }
}
