package import Domain
package import Storage
import Synchronization

/// All prices that models ever had, so that the cost of an event can be computed again.
///
/// Read from the database when an event names a price that it does not know; prices never change once they exist.
package final class PriceBook: Sendable {
    private struct Key: Hashable {
        let model: Name<Model>
        let version: UInt32
    }

    private let prices = Mutex<[Key: Price]>([:])

    package init() {}

    /// What the event's price gives for its tokens; nil where the event does not say enough for it to be certain: no
    /// price, an unconfirmed count, an unknown price.
    package func expectedCost(of event: UsageEvent) -> Money? {
        guard !event.isUnconfirmed, let model = event.target.model, let version = event.target.priceVersion,
            let price = self.prices.withLock({ $0[Key(model: model, version: version)] })
        else { return nil }
        return event.isUnbilled ? .zero : price.cost(of: event.tokens)
    }

    /// Reads the prices of the models that events name and this book does not know.
    package func learn(from events: [UsageEvent], in database: Database) async throws {
        let unknown = Set(events.compactMap { self.isUnknown($0) ? $0.target.model : nil })
        guard !unknown.isEmpty else { return }
        let models = try await database.read { reading in
            try unknown.compactMap { name -> Model? in
                let approvals = try reading.approvals(of: .models, name.text)
                // The last one with a price: `model` gives nil for one without.
                for revision in approvals.reversed() {
                    if let model = try ModelContent.read(revision).model(approvals: approvals) { return model }
                }
                return nil
            }
        }
        self.prices.withLock { prices in
            for model in models {
                for price in model.prices { prices[Key(model: model.name, version: price.version)] = price }
            }
        }
    }

    private func isUnknown(_ event: UsageEvent) -> Bool {
        guard let model = event.target.model, let version = event.target.priceVersion else { return false }
        return self.prices.withLock { $0[Key(model: model, version: version)] == nil }
    }
}
