/// Reads the pieces that header fields of RFC 8941 are made of, one after the other.
struct StructuredScanner {
    private var rest: Substring.UTF8View

    /// Blanks before the first piece are passed over.
    init(_ text: String) {
        self.rest = Substring(text).utf8
        self.skip { $0 == UInt8(ascii: " ") }
    }

    var isAtEnd: Bool { self.rest.isEmpty }

    mutating func memberValue() -> String? {
        self.take(UInt8(ascii: "=")) ? self.item() : "true"
    }

    mutating func item() -> String? {
        guard let first = self.rest.first else { return nil }
        switch first {
        case UInt8(ascii: "\""): return self.string()
        case UInt8(ascii: "?"): return self.boolean()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return self.number()
        case UInt8(ascii: "*"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            return self.text { Self.isTokenByte($0) }
        default: return nil
        }
    }

    mutating func name() -> String? {
        guard let first = self.rest.first,
            first == UInt8(ascii: "*") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
        else { return nil }
        return self.text { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "*"):
                true
            default: false
            }
        }
    }

    private mutating func string() -> String? {
        var bytes: [UInt8] = []
        self.rest = self.rest.dropFirst()
        while let byte = self.rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = self.rest.popFirst(), escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\")
                else { return nil }
                bytes.append(escaped)
            case 0x20...0x7E: bytes.append(byte)
            default: return nil
            }
        }
        return nil
    }

    private mutating func boolean() -> String? {
        self.rest = self.rest.dropFirst()
        if self.take(UInt8(ascii: "1")) { return "true" }
        return self.take(UInt8(ascii: "0")) ? "false" : nil
    }

    /// `-?` digits, and a point with one to three digits behind it; at most fifteen digits in all.
    private mutating func number() -> String? {
        let sign = self.take(UInt8(ascii: "-")) ? "-" : ""
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let whole = self.text(isDigit)
        guard !whole.isEmpty, whole.utf8.count <= 15 else { return nil }
        guard self.take(UInt8(ascii: ".")) else { return sign + whole }
        let fraction = self.text(isDigit)
        guard (1...3).contains(fraction.utf8.count), whole.utf8.count <= 12 else { return nil }
        return "\(sign)\(whole).\(fraction)"
    }

    /// Nil if one of them is not well written. Of a name that occurs twice the last value stands, as the RFC says.
    mutating func parameters() -> [String: String]? {
        var parameters: [String: String] = [:]
        while self.take(UInt8(ascii: ";")) {
            self.skip { $0 == UInt8(ascii: " ") }
            guard let name = self.name(), let value = self.memberValue() else { return nil }
            parameters[name] = value
        }
        return parameters
    }

    private mutating func text(_ isPart: (UInt8) -> Bool) -> String {
        let part = self.rest.prefix(while: isPart)
        self.rest = self.rest.dropFirst(part.count)
        return String(Substring(part))
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard self.rest.first == byte else { return false }
        self.rest = self.rest.dropFirst()
        return true
    }

    mutating func skipBlanks() { self.skip { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }

    private mutating func skip(_ isBlank: (UInt8) -> Bool) { self.rest = self.rest.drop(while: isBlank) }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~:/".utf8.contains(byte)
        }
    }
}
