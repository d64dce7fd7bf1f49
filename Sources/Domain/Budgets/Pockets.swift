/// A purse's pockets by budget. Each has a place that a hold remembers, so that names are looked up once an attempt: looking
/// up is most of what money costs it.
struct Pockets: Hashable, Sendable {
    private var slots: [Pocket?] = []
    private var places: [Purse.Key: Int] = [:]
    /// Places whose pockets are gone.
    private var free: [Int] = []

    var count: Int { self.places.count }
    var keys: some Sequence<Purse.Key> { self.places.keys }

    func place(of key: Purse.Key) -> Int? { self.places[key] }

    /// Where the pocket is, which is made if there is none.
    mutating func place(opening key: Purse.Key, at now: Int64) -> Int? {
        if let place = self.places[key] { return place }
        guard self.places.count < Purse.pocketsMax else { return nil }
        let place = self.free.popLast() ?? self.slots.count
        if place == self.slots.count { self.slots.append(nil) }
        self.slots[place] = Pocket(at: now)
        self.places[key] = place
        return place
    }

    /// Nil where the pocket is gone: what was held of it has been settled, or never was.
    subscript(place: Int) -> Pocket? {
        get { self.slots.indices.contains(place) ? self.slots[place] : nil }
        _modify {
            guard self.slots.indices.contains(place) else {
                var none: Pocket?
                yield &none
                return
            }
            yield &self.slots[place]
        }
    }

    mutating func remove(_ key: Purse.Key) {
        guard let place = self.places.removeValue(forKey: key) else { return }
        self.slots[place] = nil
        self.free.append(place)
    }
}
