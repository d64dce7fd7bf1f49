/// Attempts that a purse cannot cover now, first come first.
struct WaitingLine: Hashable, Sendable {
    static let placesMax = 256

    struct Place: Hashable {
        let ticket: UInt64
        let claims: [Purse.Claim]
        let admitted: Timestamp
        /// Milliseconds by the purse's clock, at which it has waited long enough.
        let end: Int64
    }

    private(set) var places: [Place] = []

    var isEmpty: Bool { self.places.isEmpty }

    /// False where the line is as long as it may be.
    mutating func append(_ place: Place) -> Bool {
        guard self.places.count < Self.placesMax else { return false }
        self.places.append(place)
        return true
    }

    mutating func remove(_ ticket: UInt64) { self.places.removeAll { $0.ticket == ticket } }

    /// Whether somebody waits for one of these budgets already.
    func isWaited(for claims: [Purse.Claim]) -> Bool {
        guard !self.isEmpty else { return false }
        return self.places.contains { place in
            place.claims.contains { mine in claims.contains { $0.key == mine.key } }
        }
    }
}
