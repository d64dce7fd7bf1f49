/// What a value may be: the part of JSON Schema (2020-12) that variables of a prompt need. Keywords that are not here are
/// refused where a schema is written, so that none is silently not kept to.
package struct ValueSchema: Hashable, Sendable {
    package var types: [Kind] = []
    package var properties: [String: ValueSchema] = [:]
    package var required: [String] = []
    package var allowsOthers = true
    /// `items`: what each element of a list is.
    package var element: [ValueSchema] = []
    package var choices: [JSONValue] = []
    package var lengthMax: Int64?
    package var countMax: Int64?
    /// For people.
    package var description = ""

    package static let depthMax = 8

    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case null
        case boolean
        case integer
        case number
        case string
        case array
        case object
    }

    package init() {}

    /// Names of members that may be absent.
    package var optional: Set<String> { Set(self.properties.keys).subtracting(self.required) }

    /// The first place where `value` is not what it should be, in the order of names.
    package func check(_ value: JSONValue, at place: String = "") throws(Misfit) {
        guard self.types.isEmpty || self.types.contains(where: { $0.includes(value) }) else {
            let types = self.types.map(\.rawValue).joined(separator: " or ")
            throw Misfit(place: place, detail: "must be of type \(types)")
        }
        guard self.choices.isEmpty || self.choices.contains(value) else {
            let choices = self.choices.map { $0.shown ?? "…" }.joined(separator: ", ")
            throw Misfit(place: place, detail: "must be one of: \(choices)")
        }
        switch value {
        case .text(let text):
            try self.check(Int64(text.unicodeScalars.count), atMost: self.lengthMax, "characters", place)
        case .list(let elements):
            try self.check(Int64(elements.count), atMost: self.countMax, "elements", place)
            guard let schema = self.element.first else { break }
            for (index, element) in elements.enumerated() { try schema.check(element, at: "\(place)[\(index)]") }
        case .object(let members): try self.check(members, place)
        case .null, .bool, .number: break
        }
    }

    private func check(_ members: [String: JSONValue], _ place: String) throws(Misfit) {
        func inner(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }
        for name in self.required where members[name] == nil {
            throw Misfit(place: inner(name), detail: "is not given")
        }
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            if let schema = self.properties[name] {
                try schema.check(member, at: inner(name))
            } else if !self.allowsOthers {
                throw Misfit(place: inner(name), detail: "is not a variable of this prompt")
            }
        }
    }

    private func check(_ count: Int64, atMost max: Int64?, _ unit: String, _ place: String) throws(Misfit) {
        if let max, count > max { throw Misfit(place: place, detail: "has more than \(max) \(unit)") }
    }

    package struct Misfit: Error, Hashable, Sendable {
        /// As a template would name it; empty for the whole.
        package let place: String
        package let detail: String
    }
}

extension ValueSchema.Kind {
    fileprivate func includes(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.null, .null), (.boolean, .bool), (.number, .number), (.string, .text), (.array, .list),
            (.object, .object):
            true
        case (.integer, .number(let digits)): Int64(digits) != nil
        default: false
        }
    }
}
