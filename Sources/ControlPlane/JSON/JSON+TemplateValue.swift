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
