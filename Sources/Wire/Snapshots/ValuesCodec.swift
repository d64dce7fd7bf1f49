import Domain
import Schemas
import SwiftProtobuf

/// JSON values and what they may be.
enum ValuesCodec {
    private static let membersMax = 1_024

    static func entry(_ value: JSONValue) -> PBValueEntry {
        var entry = PBValueEntry()
        switch value {
        case .null: break
        case .bool(let truth): entry.truth = truth
        case .number(let digits): entry.number = digits
        case .text(let text): entry.text = text
        case .list(let elements): entry.list.elements = elements.map(Self.entry)
        case .object(let members): entry.object.members = members.mapValues(Self.entry)
        }
        return entry
    }

    static func value(_ entry: PBValueEntry, depth: Int = 0) throws(WireError) -> JSONValue {
        guard depth <= JSONValue.depthMax else { throw WireError(.invalid, "a value is nested too deeply") }
        switch entry.kind {
        case nil: return .null
        case .truth(let truth): return .bool(truth)
        case .number(let digits): return .number(digits)
        case .text(let text): return .text(text)
        case .list(let list):
            var elements: [JSONValue] = []
            for element in list.elements { elements.append(try Self.value(element, depth: depth + 1)) }
            return .list(elements)
        case .object(let object):
            var members: [String: JSONValue] = [:]
            for (name, member) in object.members { members[name] = try Self.value(member, depth: depth + 1) }
            return .object(members)
        }
    }

    static func entry(_ schema: ValueSchema) -> PBValueSchemaEntry {
        var entry = PBValueSchemaEntry()
        entry.types = schema.types.map(\.rawValue)
        entry.properties = schema.properties.mapValues(Self.entry)
        entry.required = schema.required
        entry.refusesOthers = !schema.allowsOthers
        if let element = schema.element.first { entry.items = Self.entry(element) }
        entry.choices = schema.choices.map(Self.entry)
        if let max = schema.lengthMax { entry.lengthMax = max }
        if let max = schema.countMax { entry.countMax = max }
        return entry
    }

    static func schema(_ entry: PBValueSchemaEntry, depth: Int = 0) throws(WireError) -> ValueSchema {
        guard depth <= ValueSchema.depthMax else { throw WireError(.invalid, "a schema is nested too deeply") }
        // A keyword that this build does not keep to must not be passed over.
        guard entry.unknownFields.data.isEmpty else {
            throw WireError(.newer, "a schema has a keyword that this build does not know: upgrade it")
        }
        try Check.count(entry.properties.count, atMost: Self.membersMax, "properties of a schema")
        try Check.count(entry.choices.count, atMost: Self.membersMax, "choices of a schema")
        var schema = ValueSchema()
        for type in entry.types {
            schema.types.append(try Check.choice(type, of: ValueSchema.Kind.self, "a type in a schema"))
        }
        for (name, property) in entry.properties {
            schema.properties[name] = try Self.schema(property, depth: depth + 1)
        }
        schema.required = entry.required
        schema.allowsOthers = !entry.refusesOthers
        if entry.hasItems { schema.element = [try Self.schema(entry.items, depth: depth + 1)] }
        for choice in entry.choices { schema.choices.append(try Self.value(choice)) }
        schema.lengthMax = entry.hasLengthMax ? entry.lengthMax : nil
        schema.countMax = entry.hasCountMax ? entry.countMax : nil
        return schema
    }
}
