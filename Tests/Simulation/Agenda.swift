/// What is to happen, in the order of its time; what falls on one moment happens in the order in which it was planned.
struct Agenda<Happening> {
    private struct Entry {
        let time: Int64
        let number: Int
        let happening: Happening

        func isBefore(_ other: Entry) -> Bool { (self.time, self.number) < (other.time, other.number) }
    }

    private var heap: [Entry] = []
    private var planned = 0

    mutating func plan(_ happening: Happening, at time: Int64) {
        self.planned += 1
        self.heap.append(Entry(time: time, number: self.planned, happening: happening))
        var child = self.heap.count - 1
        while child > 0, self.heap[child].isBefore(self.heap[(child - 1) / 2]) {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (time: Int64, happening: Happening)? {
        guard let first = self.heap.first, let last = self.heap.popLast() else { return nil }
        guard !self.heap.isEmpty else { return (first.time, first.happening) }
        self.heap[0] = last
        self.sink()
        return (first.time, first.happening)
    }

    private mutating func sink() {
        var parent = 0
        while 2 * parent + 1 < self.heap.count {
            var least = 2 * parent + 1
            if least + 1 < self.heap.count, self.heap[least + 1].isBefore(self.heap[least]) { least += 1 }
            guard self.heap[least].isBefore(self.heap[parent]) else { return }
            self.heap.swapAt(least, parent)
            parent = least
        }
    }
}
