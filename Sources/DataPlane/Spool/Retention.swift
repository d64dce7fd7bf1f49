import Domain

/// Which segments may go, and which must. Pure: the shell lists the files and deletes.
///
/// Acknowledged segments stay for a day, so that a restored control plane can ask for them again. Beyond the cap the
/// oldest acknowledged ones go first, then the oldest of all, whose loss is declared when the stream is sent. The last
/// segment of a stream never goes by force: it holds its end.
struct Retention {
    let byteCountMax: Int
    let keepAckedMilliseconds: Int64

    struct Stream: Hashable, Sendable {
        /// Oldest stream first, in each the oldest segment first.
        let segments: [Segment]
        let ackedThrough: UInt64
        /// CLOSED's number; nil while the stream is written.
        let last: UInt64?
    }

    struct Segment: Hashable, Sendable {
        let name: SegmentName
        let byteCount: Int
        let modified: Timestamp
    }

    struct Deletion: Hashable, Sendable {
        let stream: Int
        let segment: SegmentName
        /// Whether records go that nobody has acknowledged.
        let losesRecords: Bool
    }

    private struct Candidate {
        let deletion: Deletion
        let byteCount: Int
        let isOld: Bool
        let isLast: Bool
    }

    func deletions(_ streams: [Stream], at now: Timestamp) -> [Deletion] {
        let candidates = streams.enumerated().flatMap { self.candidates($1, index: $0, at: now) }
        var total = streams.flatMap(\.segments).map(\.byteCount).reduce(0, +)
        var chosen: [Deletion] = []
        func choose(_ isWanted: (Candidate) -> Bool) {
            for candidate in candidates where !chosen.contains(candidate.deletion) && isWanted(candidate) {
                chosen.append(candidate.deletion)
                total -= candidate.byteCount
            }
        }
        choose { $0.isOld && !$0.deletion.losesRecords }
        choose { total > self.byteCountMax && !$0.deletion.losesRecords }
        choose { total > self.byteCountMax && !$0.isLast }
        return chosen
    }

    private func candidates(_ stream: Stream, index: Int, at now: Timestamp) -> [Candidate] {
        stream.segments.enumerated().compactMap { position, segment in
            let isLast = position == stream.segments.count - 1
            let last = isLast ? stream.last : stream.segments[position + 1].name.first - 1
            // Still being written.
            guard let last else { return nil }
            let deletion = Deletion(
                stream: index,
                segment: segment.name,
                losesRecords: last > stream.ackedThrough
            )
            return Candidate(
                deletion: deletion,
                byteCount: segment.byteCount,
                isOld: now.milliseconds(since: segment.modified) >= self.keepAckedMilliseconds,
                isLast: isLast
            )
        }
    }
}
