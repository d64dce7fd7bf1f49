import Domain
import TestSupport
import Testing

@testable import DataPlane

@Suite struct `The order of sending` {
    private func machine(acked: UInt64 = 0, durable: UInt64, last: UInt64? = nil) -> UploadMachine {
        UploadMachine(ackedThrough: acked, durableThrough: durable, last: last, lingerMilliseconds: 1_000)
    }

    private let longest: (ClosedRange<Int64>) -> Int64 = { $0.upperBound }

    private func next(_ machine: inout UploadMachine, at now: Int64) -> UploadMachine.Action { machine.next(at: now) }

    @Test func `a backlog goes at once, a trickle waits a second, a full batch does not`() {
        var machine = self.machine(durable: 3)
        #expect(next(&machine, at: 0) == .send(from: 1, through: 3))
        machine.sent(through: 3)
        #expect(next(&machine, at: 0) == .rest)
        machine.replied(.accepted(through: 3), at: 10, draw: self.longest)
        #expect(next(&machine, at: 10) == .rest)
        machine.grew(to: 4, at: 100)
        machine.grew(to: 5, at: 700)
        #expect(next(&machine, at: 700) == .wait(until: 1_100))
        #expect(next(&machine, at: 1_100) == .send(from: 4, through: 5))
        machine.sent(through: 5)
        machine.replied(.accepted(through: 5), at: 1_100, draw: self.longest)
        machine.grew(to: 505, at: 1_200)
        #expect(next(&machine, at: 1_200) == .send(from: 6, through: 505))
    }

    @Test func `a shutdown does not wait for more`() {
        var machine = self.machine(acked: 3, durable: 3)
        machine.grew(to: 4, at: 0)
        #expect(next(&machine, at: 1) == .wait(until: 1_000))
        machine.hurry()
        #expect(next(&machine, at: 1) == .send(from: 4, through: 4))
    }

    @Test func `a closed stream is done at its last record`() {
        var machine = self.machine(durable: 3, last: 3)
        #expect(next(&machine, at: 0) == .send(from: 1, through: 3))
        machine.sent(through: 3)
        machine.replied(.accepted(through: 3), at: 0, draw: self.longest)
        #expect(next(&machine, at: 0) == .done)
        #expect(self.machine(acked: 9, durable: 3, last: 3).ackedThrough == 3)
    }

    @Test func `failures back off up to half a minute, and a wish is obeyed`() {
        var machine = self.machine(durable: 3)
        var now: Int64 = 0
        for bound: Int64 in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            machine.sent(through: 3)
            machine.failed(at: now, draw: self.longest)
            #expect(next(&machine, at: now + bound - 1) == .wait(until: now + bound))
            now += bound
            #expect(next(&machine, at: now) == .send(from: 1, through: 3))
        }
        machine.sent(through: 3)
        machine.failed(retryAfterMilliseconds: 45_000, at: now) { _ in 0 }
        #expect(next(&machine, at: now) == .wait(until: now + 45_000))
        machine.failed(retryAfterMilliseconds: .max, at: now) { _ in 0 }
        #expect(next(&machine, at: now) == .wait(until: now + 300_000))
    }

    @Test func `a rewind is followed at once, a quarrel slower and slower`() {
        var machine = self.machine(acked: 7, durable: 9)
        machine.sent(through: 9)
        machine.replied(.rewind(to: 3), at: 0, draw: self.longest)
        #expect(next(&machine, at: 0) == .send(from: 3, through: 9))
        machine.sent(through: 9)
        machine.replied(.rewind(to: 3), at: 0, draw: self.longest)
        #expect(next(&machine, at: 0) == .wait(until: 500))
        #expect(next(&machine, at: 500) == .send(from: 3, through: 9))
        machine.sent(through: 9)
        machine.replied(.accepted(through: 9), at: 0, draw: self.longest)
        #expect(machine.ackedThrough == 9)
    }

    @Test(arguments: [UploadReply.fenced, .accepted(through: 10), .rewind(to: 11)])
    func `who knows more than this disk has another writer's records`(reply: UploadReply) {
        var machine = self.machine(durable: 9)
        machine.sent(through: 9)
        machine.replied(reply, at: 0, draw: self.longest)
        #expect(next(&machine, at: 0) == .fenced)
        machine.failed(at: 0, draw: self.longest)
        machine.grew(to: 20, at: 0)
        #expect(next(&machine, at: 1_000_000) == .fenced)
    }

    @Test func `a yes without progress is no reason to ask at once again`() {
        var machine = self.machine(durable: 9)
        machine.sent(through: 9)
        machine.replied(.accepted(through: 0), at: 0, draw: self.longest)
        #expect(next(&machine, at: 0) == .wait(until: 500))
    }

    @Test func `a reply nobody waits for changes nothing`() {
        var machine = self.machine(durable: 9)
        machine.replied(.accepted(through: 5), at: 0, draw: self.longest)
        #expect(machine.ackedThrough == 0)
    }
}

@Suite struct `What may be deleted` {
    private let retention = Retention(byteCountMax: 100, keepAckedMilliseconds: 1_000)

    private func stream(_ firsts: [UInt64], acked: UInt64, last: UInt64?, modified: Int64 = 0) -> Retention.Stream {
        Retention.Stream(
            segments: firsts.map {
                Retention.Segment(
                    name: SegmentName(first: $0),
                    byteCount: 30,
                    modified: Timestamp(unixMilliseconds: modified)
                )
            },
            ackedThrough: acked,
            last: last
        )
    }

    private func deletions(_ streams: [Retention.Stream], at now: Int64) -> [[UInt64]] {
        let deletions = self.retention.deletions(streams, at: Timestamp(unixMilliseconds: now))
        return streams.indices.map { index in deletions.filter { $0.stream == index }.map(\.segment.first) }
    }

    @Test func `acknowledged segments go after their time, others stay`() {
        let streams = [self.stream([1, 11, 21], acked: 20, last: nil)]
        #expect(self.deletions(streams, at: 999) == [[]])
        #expect(self.deletions(streams, at: 1_000) == [[1, 11]])
        #expect(self.deletions([self.stream([1, 11], acked: 10, last: 20)], at: 9_999) == [[1]])
        #expect(self.deletions([self.stream([1, 11], acked: 20, last: 20)], at: 9_999) == [[1, 11]])
    }

    @Test func `beyond the cap the oldest acknowledged go first, then the oldest of all`() {
        let old = self.stream([1, 11], acked: 0, last: 20)
        let current = self.stream([1, 11, 21], acked: 10, last: nil)
        #expect(self.deletions([old, current], at: 1) == [[1], [1]])
        let losses = self.retention.deletions([old, current], at: Timestamp(unixMilliseconds: 1)).map(\.losesRecords)
        #expect(losses == [false, true])
    }

    @Test func `the last segment of a stream never goes by force`() {
        let streams = (0..<6).map { _ in self.stream([1], acked: 0, last: 9) }
        #expect(self.deletions(streams, at: 1) == Array(repeating: [], count: 6))
    }
}

@Suite struct `Denials` {
    @Test func `a storm of them leaves a hundred a second, and the others counted`() {
        var sampler = DenialSampler(perSecondMax: 100)
        var taken = 0
        for index in 0..<1_000 where sampler.takes(at: Timestamp(unixMilliseconds: 5_000 + Int64(index) / 2)) {
            taken += 1
        }
        #expect(taken == 100)
        #expect(sampler.passedOver == 900)
        let isTaken = sampler.takes(at: Timestamp(unixMilliseconds: 6_000))
        #expect(isTaken)
    }

    @Test func `requests of an earlier second, refused late, open no new second; a clock that was set back does`() {
        var sampler = DenialSampler(perSecondMax: 10)
        var taken = 0
        for index in 0..<1_000 {
            let admitted: Int64 = index.isMultiple(of: 2) ? 500_000 : 440_000
            if sampler.takes(at: Timestamp(unixMilliseconds: admitted)) { taken += 1 }
        }
        #expect(taken == 10)
        let isTaken = sampler.takes(at: Timestamp(unixMilliseconds: 300_000))
        #expect(isTaken)
    }
}
