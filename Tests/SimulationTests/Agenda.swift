/// What is to happen, in the order of its time; what falls on one moment happens in the order in which it was planned.
struct Agenda<Happening> {
    private struct Entry {
        let time: Int64
        let number: Int
        let happening: Happening
    }

    private var heap: [Entry] = []
    private var planned = 0

    var isEmpty: Bool { self.heap.isEmpty }

    mutating func plan(_ happening: Happening, at time: Int64) {
        self.planned += 1
        self.heap.append(Entry(time: time, number: self.planned, happening: happening))
        var child = self.heap.count - 1
        while child > 0, self.isBefore(child, (child - 1) / 2) {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (time: Int64, happening: Happening)? {
        guard let first = self.heap.first, let last = self.heap.popLast() else { return nil }
        guard !self.heap.isEmpty else { return (first.time, first.happening) }
        self.heap[0] = last
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < self.heap.count }
            guard let least = children.min(by: { self.isBefore($0, $1) }), self.isBefore(least, parent) else { break }
            self.heap.swapAt(least, parent)
            parent = least
        }
        return (first.time, first.happening)
    }

    private func isBefore(_ a: Int, _ b: Int) -> Bool {
        (self.heap[a].time, self.heap[a].number) < (self.heap[b].time, self.heap[b].number)
    }
}
