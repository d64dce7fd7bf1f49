/// A JSON value that keeps every member of an object, in order, with names as they are meant.
///
/// Written apart from everything in `Sources`, so that a test which reads with it cannot share a misreading.
indirect enum OrderedJSON: Equatable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([OrderedJSON])
    case object([Member])

    struct Member: Equatable {
        let name: String
        let value: OrderedJSON
    }

    struct Malformed: Error { let offset: Int }

    init(_ bytes: some Sequence<UInt8>) throws {
        var parser = OrderedJSONParser(bytes: Array(bytes))
        self = try parser.whole()
    }

    /// How ordinary readers look up a name among members: they differ in which of several they take.
    enum Reader: CaseIterable {
        case firstWins
        case lastWins
        case firstWinsIgnoringCase
        case lastWinsIgnoringCase
        /// Names are C strings: they end at the first NUL.
        case firstWinsToNUL
        case lastWinsToNUL
    }

    func value(_ name: String, as reader: Reader) -> OrderedJSON? {
        guard case .object(let members) = self else { return nil }
        func same(_ other: String) -> Bool {
            switch reader {
            case .firstWins, .lastWins: Array(other.utf8) == Array(name.utf8)
            case .firstWinsIgnoringCase, .lastWinsIgnoringCase:
                // Java's way: two characters are the same if their upper or lower cases are.
                other.uppercased() == name.uppercased() || other.lowercased() == name.lowercased()
                    || other.uppercased().lowercased() == name.uppercased().lowercased()
            case .firstWinsToNUL, .lastWinsToNUL: Array(other.utf8.prefix { $0 != 0 }) == Array(name.utf8)
            }
        }
        return switch reader {
        case .firstWins, .firstWinsIgnoringCase, .firstWinsToNUL: members.first { same($0.name) }?.value
        case .lastWins, .lastWinsIgnoringCase, .lastWinsToNUL: members.last { same($0.name) }?.value
        }
    }
}

private struct OrderedJSONParser {
    let bytes: [UInt8]
    var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func whole() throws -> OrderedJSON {
        let value = try self.value()
        self.space()
        guard self.at == self.bytes.count else { throw self.malformed }
        return value
    }

    private var malformed: OrderedJSON.Malformed { OrderedJSON.Malformed(offset: self.at) }
    private var next: UInt8? { self.at < self.bytes.count ? self.bytes[self.at] : nil }

    private mutating func space() {
        while let byte = self.next, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { self.at += 1 }
    }

    private mutating func take(_ text: String) throws {
        guard self.bytes[self.at...].starts(with: text.utf8) else { throw self.malformed }
        self.at += text.utf8.count
    }

    private mutating func value() throws -> OrderedJSON {
        self.space()
        switch self.next {
        case UInt8(ascii: "{"): return try self.object()
        case UInt8(ascii: "["): return try self.array()
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "t"):
            try self.take("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try self.take("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try self.take("null")
            return .null
        default: return try self.number()
        }
    }

    private mutating func number() throws -> OrderedJSON {
        let start = self.at
        while let byte = self.next, "+-.0123456789eE".utf8.contains(byte) { self.at += 1 }
        guard self.at > start else { throw self.malformed }
        return .number(String(decoding: self.bytes[start..<self.at], as: UTF8.self))
    }

    private mutating func array() throws -> OrderedJSON {
        try self.take("[")
        var values: [OrderedJSON] = []
        self.space()
        if self.next == UInt8(ascii: "]") {
            self.at += 1
            return .array([])
        }
        while true {
            values.append(try self.value())
            self.space()
            guard self.next == UInt8(ascii: ",") else { break }
            self.at += 1
        }
        try self.take("]")
        return .array(values)
    }

    private mutating func object() throws -> OrderedJSON {
        try self.take("{")
        var members: [OrderedJSON.Member] = []
        self.space()
        if self.next == UInt8(ascii: "}") {
            self.at += 1
            return .object([])
        }
        while true {
            self.space()
            let name = try self.string()
            self.space()
            try self.take(":")
            members.append(.init(name: name, value: try self.value()))
            self.space()
            guard self.next == UInt8(ascii: ",") else { break }
            self.at += 1
        }
        try self.take("}")
        return .object(members)
    }

    private mutating func string() throws -> String {
        try self.take("\"")
        var units: [UInt16] = []
        var text: [UInt8] = []
        func flushed() -> [UInt8] { Array(String(decoding: units, as: UTF16.self).utf8) }
        while let byte = self.next, byte != UInt8(ascii: "\"") {
            self.at += 1
            guard byte == UInt8(ascii: "\\") else {
                text += flushed()
                units = []
                text.append(byte)
                continue
            }
            guard let escape = self.next else { throw self.malformed }
            self.at += 1
            switch escape {
            case UInt8(ascii: "u"):
                let digits = String(decoding: self.bytes[self.at..<min(self.at + 4, self.bytes.count)], as: UTF8.self)
                guard digits.utf8.count == 4, let unit = UInt16(digits, radix: 16) else { throw self.malformed }
                self.at += 4
                units.append(unit)
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            default: units.append(UInt16(escape))
            }
        }
        text += flushed()
        try self.take("\"")
        return String(decoding: text, as: UTF8.self)
    }
}
