import Yams

extension JSON {
    /// Aliases let a small text name a value that is too big to build.
    package static let yamlNodesMax = 200_000

    /// Reads one YAML document into the same tree that JSON gives: plain scalars by YAML 1.2's core words, quoted
    /// ones as strings. A name that occurs twice, a tag of the author's own and a second document are refused.
    package static func parse(yaml bytes: [UInt8]) throws(JSONFlaw) -> JSON {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw JSONFlaw(offset: 0, detail: "it is not UTF-8")
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw JSONFlaw(offset: 0, detail: "it is not YAML: \(error)")
        }
        guard let node else { return .null }
        var left = self.yamlNodesMax
        return try self.value(node, depth: 0, left: &left)
    }

    private static func value(_ node: Node, depth: Int, left: inout Int) throws(JSONFlaw) -> JSON {
        left -= 1
        guard left > 0 else { throw self.flaw(node, "it holds more than \(self.yamlNodesMax) values") }
        guard depth <= self.depthMax else { throw self.flaw(node, "it is nested deeper than \(self.depthMax) levels") }
        switch node {
        case .scalar(let scalar): return self.scalar(scalar)
        case .sequence(let sequence):
            var elements: [JSON] = []
            for element in sequence { elements.append(try self.value(element, depth: depth + 1, left: &left)) }
            return .array(elements)
        case .mapping(let mapping):
            var members: [String: JSON] = [:]
            for (key, member) in mapping {
                guard case .scalar(let name) = key else { throw self.flaw(key, "a name must be a string") }
                let value = try self.value(member, depth: depth + 1, left: &left)
                guard members.updateValue(value, forKey: name.string) == nil else {
                    throw self.flaw(key, "\(name.string) occurs twice")
                }
            }
            return .object(members)
        case .alias: throw self.flaw(node, "an alias names nothing")
        }
    }

    private static func scalar(_ scalar: Node.Scalar) -> JSON {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        switch scalar.string {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: return self.isNumber(scalar.string) ? .number(scalar.string) : .string(scalar.string)
        }
    }

    /// Numbers as JSON spells them; `012`, `0x1F` and `1_000` stay strings, and are then refused where a number is due.
    private static func isNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || (UInt8(0x30)...0x39).contains(first) else {
            return false
        }
        do {
            guard case .number = try JSON.parse(Array(text.utf8)) else { return false }
            return true
        } catch {
            return false  // Then it is a string that begins like a number.
        }
    }

    private static func flaw(_ node: Node, _ detail: String) -> JSONFlaw {
        let place = node.mark.map { "line \($0.line), column \($0.column): " } ?? ""
        return JSONFlaw(offset: 0, detail: place + detail)
    }
}
