import TestSupport
import Testing

@testable import DataPlane

@Suite struct ConnectionPoolTests {
    private let start = Tick(nanoseconds: 0)

    private func at(_ milliseconds: Int64) -> Tick { self.start.advanced(milliseconds: milliseconds) }

    @Test func `a connection that came back is used again, the latest first`() {
        var pool = ConnectionPool()
        #expect(pool.acquire(.any, now: at(0)) == .open(0))
        #expect(pool.acquire(.any, now: at(0)) == .open(1))
        #expect(pool.release(0, isReusable: true, now: at(1)) == .keep)
        #expect(pool.release(1, isReusable: true, now: at(2)) == .keep)
        #expect(pool.acquire(.any, now: at(3)) == .reuse(1))
        #expect(pool.acquire(.any, now: at(3)) == .reuse(0))
        #expect(pool.acquire(.any, now: at(3)) == .open(2))
    }

    @Test func `who asks for a fresh one gets no idle one`() {
        var pool = ConnectionPool()
        _ = pool.acquire(.any, now: at(0))
        _ = pool.release(0, isReusable: true, now: at(0))
        #expect(pool.acquire(.fresh, now: at(1)) == .open(1))
        #expect(pool.idleCount == 1)
    }

    @Test func `idle and life bounds hold to the millisecond`() {
        var pool = ConnectionPool(.init(idleMilliseconds: 10, lifeMilliseconds: 100))
        _ = pool.acquire(.any, now: at(0))
        _ = pool.release(0, isReusable: true, now: at(0))
        #expect(pool.acquire(.any, now: at(9)) == .reuse(0))
        _ = pool.release(0, isReusable: true, now: at(9))
        #expect(pool.acquire(.any, now: at(19)) == .open(1))
        #expect(pool.sweep(now: at(19)) == [0])
        #expect(pool.release(1, isReusable: true, now: at(118)) == .keep)
        #expect(pool.acquire(.any, now: at(119)) == .open(2))
        #expect(pool.release(2, isReusable: true, now: at(219)) == .close)
    }

    @Test func `a connection in the middle of a message, a closed one and one too many are not kept`() {
        var pool = ConnectionPool(.init(connectionsMax: 2, idleMax: 1))
        _ = pool.acquire(.any, now: at(0))
        _ = pool.acquire(.any, now: at(0))
        #expect(pool.acquire(.any, now: at(0)) == .refuse)
        #expect(pool.release(0, isReusable: false, now: at(0)) == .close)
        #expect(pool.acquire(.any, now: at(0)) == .open(2))
        #expect(pool.release(1, isReusable: true, now: at(0)) == .keep)
        #expect(pool.release(2, isReusable: true, now: at(0)) == .close)
        pool.closed(1)
        pool.closed(1)
        #expect(pool.release(1, isReusable: true, now: at(0)) == .close)
        #expect(pool.isEmpty && pool.idleCount == 0)
    }

    @Test func `in any order no connection is lent twice and none is forgotten`() {
        var generator = SeededGenerator.printed()
        var pool = ConnectionPool(.init(connectionsMax: 8, idleMax: 3, idleMilliseconds: 20, lifeMilliseconds: 100))
        var lent: Set<Int> = []
        var idle: Set<Int> = []
        for step in 0..<20_000 {
            let now = at(Int64(step))
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1:
                switch pool.acquire(Bool.random(using: &generator) ? .any : .fresh, now: now) {
                case .reuse(let id):
                    #expect(idle.remove(id) != nil)
                    #expect(lent.insert(id).inserted)
                case .open(let id): #expect(!idle.contains(id) && lent.insert(id).inserted)
                case .refuse: #expect(lent.count + idle.count == 8)
                }
            case 2:
                guard let id = lent.randomElement(using: &generator) else { continue }
                lent.remove(id)
                if pool.release(id, isReusable: Bool.random(using: &generator), now: now) == .keep { idle.insert(id) }
            case 3:
                guard let id = lent.union(idle).randomElement(using: &generator) else { continue }
                pool.closed(id)
                lent.remove(id)
                idle.remove(id)
            default: for id in pool.sweep(now: now) { #expect(idle.remove(id) != nil) }
            }
            #expect(pool.idleCount == idle.count && pool.isEmpty == (lent.isEmpty && idle.isEmpty))
        }
    }
}
