import Domain
import Wire

extension PromptVersion {
    init?(_ form: inout Form) {
        let messages = form.objects("messages", isRequired: true, Self.message)
        let partials = form.members("partials", countMax: Self.partialsMax) { Self.template($1, at: $2) }
        let variables = form.object("variables") { ValueSchema(&$0, depth: 0) }
        let parameters = form.members("parameters", countMax: Parameter.allCases.count) { name, value, place in
            guard let parameter = Parameter(rawValue: name), let value = value.jsonValue(depth: 0),
                parameter.takes(value)
            else {
                let known = Parameter.allCases.map(\.rawValue).joined(separator: ", ")
                let detail = "is not one of \(known), or not of its type"
                return Result<JSONValue, Refusal>.failure(Refusal(problems: [FieldProblem(at: place, detail)]))
            }
            return .success(value)
        }
        let notes = form.prose("notes", bytesMax: Self.notesBytesMax)
        form.finish()
        guard let messages, let partials, let parameters, let notes, form.isGood else { return nil }
        self.init(
            messages: messages,
            partials: partials,
            variables: variables,
            parameters: parameters.reduce(into: [:]) { values, entry in
                if let parameter = Parameter(rawValue: entry.key) { values[parameter] = entry.value }
            },
            notes: notes
        )
    }

    private static func message(_ form: inout Form) -> PromptMessage? {
        let role: PromptMessage.Role? = form.choice("role")
        var content: Template?
        if let json = form.value("content") {
            switch Self.template(json, at: form.place("content")) {
            case .success(let template): content = template
            case .failure(let refusal): form.add(refusal.problems)
            }
        } else {
            form.add("content", "is required")
        }
        form.finish()
        guard let role, let content else { return nil }
        return PromptMessage(role: role, content: content)
    }

    private static func template(_ json: JSON, at place: String) -> Result<Template, Refusal> {
        guard let source = json.string else {
            return .failure(Refusal(problems: [FieldProblem(at: place, "must be a string: a Mustache template")]))
        }
        do { return .success(try Template(source)) } catch {
            return .failure(Refusal(problems: [FieldProblem(at: place, "line \(error.line): \(error.detail)")]))
        }
    }

    var json: JSON {
        var members: [String: JSON] = [
            "messages": .array(
                self.messages.map {
                    .object(["role": .string($0.role.rawValue), "content": .string($0.content.source)])
                }
            )
        ]
        if !self.partials.isEmpty { members["partials"] = .object(self.partials.mapValues { .string($0.source) }) }
        if let variables = self.variables { members["variables"] = variables.json }
        if !self.parameters.isEmpty {
            members["parameters"] = .object(
                self.parameters.reduce(into: [:]) { values, entry in
                    values[entry.key.rawValue] = JSON(entry.value)
                }
            )
        }
        if !self.notes.isEmpty { members["notes"] = .string(self.notes) }
        return .object(members)
    }

    /// What the version is known by wherever it stands: of everything but its notes.
    var digest: Digest {
        let content = PromptVersion(
            messages: self.messages,
            partials: self.partials,
            variables: self.variables,
            parameters: self.parameters
        )
        return Digest.sha256(of: Array(content.json.canonical.utf8))
    }
}

extension ValueSchema {
    private static let membersMax = 256

    init?(_ form: inout Form, depth: Int) {
        guard depth <= Self.depthMax else {
            form.add("properties", "is nested more than \(Self.depthMax) deep")
            return nil
        }
        self.init()
        self.types = Self.types(&form)
        self.properties =
            form.members("properties", countMax: Self.membersMax) { _, value, place in
                var inner = Form(value, at: place)
                let schema = inner.isGood ? ValueSchema(&inner, depth: depth + 1) : nil
                guard let schema, inner.isGood else {
                    return Result<ValueSchema, Refusal>.failure(Refusal(problems: inner.problems))
                }
                return .success(schema)
            } ?? [:]
        self.required = form.list("required", countMax: Self.membersMax, "must be a property's name") { $0 } ?? []
        self.allowsOthers = form.flag("additionalProperties", default: true)
        self.element = form.object("items") { ValueSchema(&$0, depth: depth + 1) }.map { [$0] } ?? []
        self.choices = Self.choices(&form)
        if form.value("maxLength") != nil { self.lengthMax = form.integer("maxLength", in: 0...1_000_000) }
        if form.value("maxItems") != nil { self.countMax = form.integer("maxItems", in: 0...1_000_000) }
        self.description = form.prose("description", bytesMax: 1_024) ?? ""
        form.finish(hints: ["$ref": "references are not supported: write the schema where it is used"])
        guard form.isGood else { return nil }
    }

    /// One word or a list of them.
    private static func types(_ form: inout Form) -> [Kind] {
        if let word = form.value("type")?.string, let kind = Kind(rawValue: word) { return [kind] }
        let words = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        return form.list("type", countMax: Kind.allCases.count, "must be one of: \(words)", Kind.init) ?? []
    }

    private static func choices(_ form: inout Form) -> [JSONValue] {
        guard let value = form.value("enum") else { return [] }
        guard case .array(let elements) = value, (1...Self.membersMax).contains(elements.count) else {
            form.add("enum", "must be a list of 1 to \(Self.membersMax) values")
            return []
        }
        let choices = elements.compactMap { $0.jsonValue(depth: 0) }
        if choices.count < elements.count { form.add("enum", "is nested more than \(JSONValue.depthMax) deep") }
        return choices
    }

    var json: JSON {
        var members: [String: JSON] = [:]
        switch self.types.count {
        case 0: break
        case 1: members["type"] = .string(self.types[0].rawValue)
        default: members["type"] = .array(self.types.map { .string($0.rawValue) })
        }
        if !self.properties.isEmpty { members["properties"] = .object(self.properties.mapValues(\.json)) }
        if !self.required.isEmpty { members["required"] = .array(self.required.map(JSON.string)) }
        if !self.allowsOthers { members["additionalProperties"] = false }
        if let element = self.element.first { members["items"] = element.json }
        if !self.choices.isEmpty { members["enum"] = .array(self.choices.map(JSON.init)) }
        if let max = self.lengthMax { members["maxLength"] = .number(max) }
        if let max = self.countMax { members["maxItems"] = .number(max) }
        if !self.description.isEmpty { members["description"] = .string(self.description) }
        return .object(members)
    }
}
