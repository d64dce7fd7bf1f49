import Domain
import Testing

@testable import ControlPlane

@Suite struct `What is left over time` {
    private let start = Timestamp(unixMilliseconds: 1_800_000_000_000)

    private func after(_ hours: Int64) -> Timestamp { self.start.advanced(byMilliseconds: hours * 3_600_000) }

    private func burnDown(
        limit: Int64 = 240,
        hours: Int64? = 24,
        spent: [(Int64, Int64)],
        now: Int64
    ) -> BurnDown {
        BurnDown(
            Money(nanoDollars: limit),
            from: hours == nil ? Timestamp(unixMilliseconds: 0) : self.start,
            to: hours.map { self.after($0) },
            spent: spent.map { (self.after($0.0), Money(nanoDollars: $0.1)) },
            stepMilliseconds: 900_000,
            at: self.after(now)
        )
    }

    @Test func `it goes from all to what is left by now, and evenly to nothing`() throws {
        let points = self.burnDown(spent: [(0, 20), (5, 40)], now: 6).points
        #expect(points.count == 97)
        #expect(points[0] == .init(time: self.start, left: 240, even: 240))
        #expect(points[1].left == 220 && points[20].left == 220 && points[21].left == 180)
        #expect(points[25].left == 180, "the step that is now")
        #expect(points[26...].allSatisfy { $0.left == nil })
        #expect(points[48].even == 120 && points[96].even == 0)
    }

    @Test func `more than all is below nothing`() {
        #expect(self.burnDown(spent: [(1, 300)], now: 24).points.last?.left == -60)
    }

    @Test func `what has no end is drawn from its first spending, without a line of even spending`() throws {
        let points = self.burnDown(hours: nil, spent: [(48, 10), (96, 5)], now: 100).points
        #expect(points.first?.time == self.after(48) && points.last?.time == self.after(100))
        #expect(points.last?.left == 225 && points.allSatisfy { $0.even == nil })
        #expect(self.burnDown(hours: nil, spent: [], now: 0).points.last?.left == 240)
    }

    @Test func `however long the window, there are no more points than can be told apart`() {
        for hours in [Int64(1), 24, 168, 744, 9_000, 90_000] {
            let points = self.burnDown(hours: hours, spent: [], now: 1).points
            #expect(points.count <= 98 && points.last?.even == 0, "\(hours)")
        }
    }
}
