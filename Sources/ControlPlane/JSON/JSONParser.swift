/// What is no JSON, and where.
package struct JSONFlaw: Error, Hashable, Sendable {
    /// Bytes from the beginning.
    package let offset: Int
    package let detail: String
}

extension JSON {
    /// Deeper nesting than this has no meaning in any of our bodies.
    package static let depthMax = 32

    /// Reads exactly one value (RFC 8259), with no more after it than blanks. An object that has a name twice is
    /// refused: whoever checked the one would not know of the other.
    package static func parse(_ bytes: [UInt8]) throws(JSONFlaw) -> JSON {
        var parser = JSONParser(bytes)
        let value = try parser.value(depth: 0)
        try parser.end()
        return value
    }
}

private struct JSONParser {
    private let bytes: [UInt8]
    private var next = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var peeked: UInt8? { self.next < self.bytes.count ? self.bytes[self.next] : nil }

    private func flaw(_ detail: String) -> JSONFlaw { JSONFlaw(offset: self.next, detail: detail) }

    private mutating func skipBlanks() {
        while let byte = self.peeked, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.next += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.peeked == byte else { return false }
        self.next += 1
        return true
    }

    mutating func end() throws(JSONFlaw) {
        self.skipBlanks()
        guard self.next == self.bytes.count else { throw self.flaw("there is more after the value") }
    }

    mutating func value(depth: Int) throws(JSONFlaw) -> JSON {
        guard depth <= JSON.depthMax else { throw self.flaw("it is nested deeper than \(JSON.depthMax) levels") }
        self.skipBlanks()
        switch self.peeked {
        case UInt8(ascii: "{"): return try self.object(depth: depth)
        case UInt8(ascii: "["): return try self.array(depth: depth)
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "t"): return try self.word("true", .bool(true))
        case UInt8(ascii: "f"): return try self.word("false", .bool(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .number(try self.number())
        default: throw self.flaw("a value is missing")
        }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(JSONFlaw) -> JSON {
        for byte in word.utf8 where !self.take(byte) { throw self.flaw("expected \(word)") }
        return value
    }

    private mutating func object(depth: Int) throws(JSONFlaw) -> JSON {
        self.next += 1
        var members: [String: JSON] = [:]
        self.skipBlanks()
        if self.take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            self.skipBlanks()
            guard self.peeked == UInt8(ascii: "\"") else { throw self.flaw("expected a name in quotes") }
            let name = try self.string()
            self.skipBlanks()
            guard self.take(UInt8(ascii: ":")) else { throw self.flaw("expected a colon") }
            let value = try self.value(depth: depth + 1)
            guard members.updateValue(value, forKey: name) == nil else { throw self.flaw("\(name) occurs twice") }
            self.skipBlanks()
        } while self.take(UInt8(ascii: ","))
        guard self.take(UInt8(ascii: "}")) else { throw self.flaw("expected a comma or }") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONFlaw) -> JSON {
        self.next += 1
        var elements: [JSON] = []
        self.skipBlanks()
        if self.take(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            elements.append(try self.value(depth: depth + 1))
            self.skipBlanks()
        } while self.take(UInt8(ascii: ","))
        guard self.take(UInt8(ascii: "]")) else { throw self.flaw("expected a comma or ]") }
        return .array(elements)
    }

    private mutating func number() throws(JSONFlaw) -> String {
        let start = self.next
        _ = self.take(UInt8(ascii: "-"))
        if !self.take(UInt8(ascii: "0")) { try self.digits() }
        if self.take(UInt8(ascii: ".")) { try self.digits() }
        if self.take(UInt8(ascii: "e")) || self.take(UInt8(ascii: "E")) {
            if !self.take(UInt8(ascii: "+")) { _ = self.take(UInt8(ascii: "-")) }
            try self.digits()
        }
        return String(decoding: self.bytes[start..<self.next], as: UTF8.self)
    }

    private mutating func digits() throws(JSONFlaw) {
        let start = self.next
        while let byte = self.peeked, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { self.next += 1 }
        guard self.next > start else { throw self.flaw("expected a digit") }
    }

    private mutating func string() throws(JSONFlaw) -> String {
        self.next += 1
        var text: [UInt8] = []
        while let byte = self.peeked {
            self.next += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw self.flaw("it is not UTF-8") }
                return string
            case UInt8(ascii: "\\"): try self.escape(into: &text)
            case 0..<0x20: throw self.flaw("a control character stands in a string")
            default: text.append(byte)
            }
        }
        throw self.flaw("a string has no end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONFlaw) {
        guard let byte = self.peeked else { throw self.flaw("a string has no end") }
        self.next += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += try self.escapedScalar()
        default: throw self.flaw("there is no such escape")
        }
    }

    private mutating func escapedScalar() throws(JSONFlaw) -> [UInt8] {
        let first = try self.fourDigits()
        var value = first
        if (0xD800..<0xDC00).contains(first) {
            guard self.take(UInt8(ascii: "\\")), self.take(UInt8(ascii: "u")) else {
                throw self.flaw("half of a surrogate pair is missing")
            }
            let second = try self.fourDigits()
            guard (0xDC00..<0xE000).contains(second) else { throw self.flaw("half of a surrogate pair is missing") }
            value = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw self.flaw("half of a surrogate pair is missing") }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func fourDigits() throws(JSONFlaw) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = self.peeked, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw self.flaw("expected four hexadecimal digits")
            }
            self.next += 1
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
