import Domain

extension JSON {
    init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let truth): self = .bool(truth)
        case .number(let digits): self = .number(digits)
        case .text(let text): self = .string(text)
        case .list(let elements): self = .array(elements.map(JSON.init))
        case .object(let members): self = .object(members.mapValues(JSON.init))
        }
    }

    /// Nil where it is nested more than `JSONValue.depthMax` deep.
    func jsonValue(depth: Int) -> JSONValue? {
        guard depth <= JSONValue.depthMax else { return nil }
        switch self {
        case .null: return .null
        case .bool(let truth): return .bool(truth)
        case .number(let digits): return .number(digits)
        case .string(let text): return .text(text)
        case .array(let elements):
            let values = elements.compactMap { $0.jsonValue(depth: depth + 1) }
            return values.count == elements.count ? .list(values) : nil
        case .object(let members):
            let values = members.compactMapValues { $0.jsonValue(depth: depth + 1) }
            return values.count == members.count ? .object(values) : nil
        }
    }
}

extension Form {
    /// Variables of a template, within the bounds that nodes hold callers to.
    mutating func jsonValues(_ name: String) -> [String: JSONValue]? {
        let values = self.members(name, countMax: JSONValue.countMax) { _, value, place in
            value.jsonValue(depth: 0).map { .success($0) }
                ?? Result<JSONValue, Refusal>.failure(
                    Refusal(problems: [FieldProblem(at: place, "is nested too deeply")])
                )
        }
        if let values, values.values.reduce(0, { $0 + $1.count }) > JSONValue.countMax {
            self.add(name, "holds more than \(JSONValue.countMax) values")
        }
        return values
    }
}
