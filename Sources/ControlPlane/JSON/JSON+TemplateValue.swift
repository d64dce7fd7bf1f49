import Domain

extension JSON {
    init(_ value: TemplateValue) {
        switch value {
        case .null: self = .null
        case .bool(let truth): self = .bool(truth)
        case .number(let digits): self = .number(digits)
        case .text(let text): self = .string(text)
        case .list(let elements): self = .array(elements.map(JSON.init))
        case .object(let members): self = .object(members.mapValues(JSON.init))
        }
    }

    /// Nil where it is nested more than `TemplateValue.depthMax` deep.
    func templateValue(depth: Int) -> TemplateValue? {
        guard depth <= TemplateValue.depthMax else { return nil }
        switch self {
        case .null: return .null
        case .bool(let truth): return .bool(truth)
        case .number(let digits): return .number(digits)
        case .string(let text): return .text(text)
        case .array(let elements):
            let values = elements.compactMap { $0.templateValue(depth: depth + 1) }
            return values.count == elements.count ? .list(values) : nil
        case .object(let members):
            let values = members.compactMapValues { $0.templateValue(depth: depth + 1) }
            return values.count == members.count ? .object(values) : nil
        }
    }
}

extension Form {
    /// Variables of a template, within the bounds that nodes hold callers to.
    mutating func templateValues(_ name: String) -> [String: TemplateValue]? {
        let values = self.members(name, countMax: TemplateValue.countMax) { _, value, place in
            value.templateValue(depth: 0).map { .success($0) }
                ?? Result<TemplateValue, Refusal>.failure(
                    Refusal(problems: [FieldProblem(at: place, "is nested too deeply")])
                )
        }
        if let values, values.values.reduce(0, { $0 + $1.count }) > TemplateValue.countMax {
            self.add(name, "holds more than \(TemplateValue.countMax) values")
        }
        return values
    }
}
