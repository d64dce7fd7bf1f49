import ControlPlane
import Testing

@Suite struct PublishingPaceTests {
    private static func take(_ pace: inout PublishingPace, at milliseconds: Int64) -> Bool {
        pace.take(at: .milliseconds(milliseconds))
    }

    private func at(_ milliseconds: Int64) -> Duration { .milliseconds(milliseconds) }

    @Test func `publishes one second after a single change, and once`() {
        var pace = PublishingPace()
        #expect(pace.due == nil)
        pace.changed(at: self.at(100))
        #expect(pace.due == self.at(1_100))
        #expect(Self.take(&pace, at: 1_099) == false)
        #expect(Self.take(&pace, at: 1_100))
        #expect(Self.take(&pace, at: 9_999) == false)
    }

    @Test func `a burst waits for its last change, but never longer than five seconds from its first`() {
        var pace = PublishingPace()
        for time in stride(from: Int64(0), through: 4_800, by: 300) { pace.changed(at: self.at(time)) }
        #expect(pace.due == self.at(5_000))
        #expect(Self.take(&pace, at: 5_000))
        pace.changed(at: self.at(5_001))
        #expect(pace.due == self.at(6_001))
    }
}
