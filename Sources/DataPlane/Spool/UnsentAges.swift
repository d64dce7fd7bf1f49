import Domain

/// When records became durable, so that the age of the oldest unsent one can be told: pure state.
///
/// Keeps a bounded number of marks (number, time). When there are too many every second one goes, which makes the
/// answer a little too old, never too young.
struct UnsentAges: Hashable, Sendable {
    static let marksMax = 512

    private struct Mark: Hashable, Sendable {
        let through: UInt64
        let at: Timestamp
    }

    /// Both rise.
    private var marks: [Mark] = []

    mutating func durable(through sequence: UInt64, at now: Timestamp) {
        guard sequence > self.marks.last?.through ?? 0 else { return }
        if self.marks.count >= Self.marksMax { self.thin() }
        self.marks.append(Mark(through: sequence, at: now))
    }

    mutating func acked(through sequence: UInt64) {
        let gone = self.marks.prefix { $0.through <= sequence }.count
        self.marks.removeFirst(gone)
    }

    var oldest: Timestamp? { self.marks.first?.at }

    /// A kept mark stands for the one behind it too, whose records are younger.
    private mutating func thin() {
        self.marks = stride(from: 0, to: self.marks.count, by: 2).map { index in
            let later = self.marks[min(index + 1, self.marks.count - 1)]
            return Mark(through: later.through, at: self.marks[index].at)
        }
    }
}
