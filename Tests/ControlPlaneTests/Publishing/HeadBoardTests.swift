import ControlPlane
import Domain
import Synchronization
import TestSupport
import Testing

@Suite struct HeadBoardTests {
    private func head(_ version: UInt64, issued: Int64 = 0) -> SignedHead {
        SignedHead(epoch: 1, version: version, issued: Timestamp(unixMilliseconds: issued), bytes: [])
    }

    @Test func `an older head never replaces a newer one`() {
        let board = HeadBoard()
        board.put(self.head(2, issued: 5))
        board.put(self.head(1, issued: 9))
        board.put(self.head(2, issued: 4))
        #expect(board.current() == self.head(2, issued: 5))
    }

    @Test func `a head that is signed again after the clock was set back replaces the one before`() {
        let board = HeadBoard()
        board.put(self.head(2, issued: 3_600_000))
        board.put(self.head(2, issued: 1_000))
        #expect(board.current() == self.head(2, issued: 1_000))
        board.put(self.head(1, issued: 7_200_000))
        #expect(board.current() == self.head(2, issued: 1_000))
    }

    @Test func `news wakes who waits, a mere re-signing does not`() async throws {
        let clock = ManualTiming()
        let board = HeadBoard(timing: clock.timing)
        board.put(self.head(1))
        let isAwake = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await board.wait(atMost: .seconds(25)) { $0.version == 1 }
                isAwake.raise()
            }
            try await eventually("it is parked") { board.parkedCount == 1 && clock.sleepers == 1 }
            board.put(self.head(1, issued: 30_000))
            #expect(board.parkedCount == 1)
            #expect(!isAwake.isRaised)
            board.put(self.head(2, issued: 30_001))
            try await group.waitForAll()
        }
        #expect(isAwake.isRaised)
        #expect(board.parkedCount == 0)
    }

    @Test func `a wait ends by itself, and on closing`() async throws {
        let clock = ManualTiming()
        let board = HeadBoard(timing: clock.timing)
        board.put(self.head(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await board.wait(atMost: .seconds(25)) { _ in true } }
            try await eventually("it waits") { clock.sleepers == 1 && board.parkedCount == 1 }
            clock.advance(by: .seconds(25))
            try await group.waitForAll()
            group.addTask { await board.wait(atMost: .seconds(25)) { _ in true } }
            try await eventually("it waits again") { board.parkedCount == 1 }
            board.close()
            try await group.waitForAll()
        }
        await board.wait(atMost: .seconds(25)) { _ in true }
        #expect(board.parkedCount == 0)
    }

    @Test func `a hundred polls are woken in slices of twenty, ten milliseconds apart`() async throws {
        let clock = ManualTiming()
        let board = HeadBoard(timing: clock.timing)
        board.put(self.head(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { await board.wait(atMost: .seconds(25)) { $0.version == 1 } } }
            try await eventually("all are parked") { board.parkedCount == 100 && clock.sleepers == 100 }
            group.addTask {
                do { try await board.run() } catch is CancellationError { return }
            }
            board.put(self.head(2))
            #expect(board.parkedCount == 80)
            for left in [60, 40, 20, 0] {
                // The sleepers left are those still parked, and the board's own tick.
                try await eventually("the board waits for its next slice") { clock.sleepers == left + 21 }
                clock.advance(by: HeadBoard.sliceInterval)
                try await eventually("a slice is woken") { board.parkedCount == left }
            }
            group.cancelAll()
        }
    }
}

private final class Flag: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { self.state.withLock { $0 } }

    func raise() { self.state.withLock { $0 = true } }
}
