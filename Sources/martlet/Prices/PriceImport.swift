/// New prices for the models that a catalogue has: a bundle to apply, and a line on each model.
struct PriceImport {
    /// Only models whose price differs.
    private(set) var models: [JSONValue] = []
    private(set) var lines: [String] = []

    /// `models` as an export has them, `states` by name. `entries`: where in the map a model of ours is, by our name.
    init(
        _ models: [JSONValue],
        in states: [String: String] = [:],
        from map: PublicPriceMap,
        entries: [String: String] = [:]
    ) {
        for model in models {
            guard let name = model["name"].string else { continue }
            if let state = states[name], Self.isOver(state) {
                self.lines.append("\(name): left as it is: \(state)")
            } else {
                self.take(model, name, from: map, entries)
            }
        }
    }

    /// A new proposal for such a model would also be one to bring it back.
    private static func isOver(_ state: String) -> Bool { ["deprecated", "stopped"].contains(state) }

    private mutating func take(
        _ model: JSONValue,
        _ name: String,
        from map: PublicPriceMap,
        _ entries: [String: String]
    ) {
        guard let upstream = model["upstream"].string else { return }
        let found = entries[name].map(map.named) ?? map.entry(of: name, upstream: upstream)
        guard let found else {
            self.lines.append("\(name): not in the map")
            return
        }
        do {
            let mapped = try found.price.mapped()
            let left = mapped.leftOut.isEmpty ? "" : "; without \(mapped.leftOut.joined(separator: ", "))"
            let isNew = mapped.price != Self.undated(model["price"])
            if isNew { self.models.append(Self.priced(model, mapped.price)) }
            self.lines.append("\(name): \(isNew ? "priced" : "as it is") by \(found.name)\(left)")
        } catch {
            self.lines.append("\(name): left as it is: \(found.name): \(error)")
        }
    }

    /// From when a price holds is no part of what it is.
    private static func undated(_ price: JSONValue) -> JSONValue {
        guard case .object(var members) = price else { return price }
        members["from"] = nil
        return .object(members)
    }

    private static func priced(_ model: JSONValue, _ price: JSONValue) -> JSONValue {
        guard case .object(var members) = model else { return model }
        members["price"] = price
        return .object(members)
    }

    var bundle: JSONValue { .object(["models": .array(self.models)]) }
}
