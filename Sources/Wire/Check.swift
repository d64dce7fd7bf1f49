import Domain
import FoundationEssentials

/// Turns a field as it came into the value that it must be, or says which field is wrong.
enum Check {
    /// Numbers stop where a signed column and a signed reader still agree.
    static let numberMax = UInt64(Int64.max)
    /// The last millisecond of the year 9999.
    static let timeMax: Int64 = 253_402_300_799_999

    static func number(_ value: UInt64, _ field: String) throws(WireError) -> UInt64 {
        guard (1...self.numberMax).contains(value) else {
            throw WireError(.invalid, "\(field) is not a number from 1 to 2^63 - 1")
        }
        return value
    }

    static func numberOrZero(_ value: UInt64, _ field: String) throws(WireError) -> UInt64 {
        guard value <= self.numberMax else { throw WireError(.invalid, "\(field) is above 2^63 - 1") }
        return value
    }

    static func amount(_ value: Int64, in range: ClosedRange<Int64>, _ field: String) throws(WireError) -> Int64 {
        guard range.contains(value) else { throw WireError(.invalid, "\(field) is not within \(range)") }
        return value
    }

    static func money(_ value: Int64, _ field: String) throws(WireError) -> Money {
        guard value >= 0 else { throw WireError(.invalid, "\(field) is negative") }
        return Money(nanoDollars: value)
    }

    static func time(_ value: Int64, _ field: String) throws(WireError) -> Timestamp {
        guard (1...self.timeMax).contains(value) else {
            throw WireError(.invalid, "\(field) is not a time between 1970 and 9999")
        }
        return Timestamp(unixMilliseconds: value)
    }

    /// Like `time`, but 0 is allowed: the beginning of the clock.
    static func timeOrZero(_ value: Int64, _ field: String) throws(WireError) -> Timestamp {
        value == 0 ? Timestamp(unixMilliseconds: 0) : try self.time(value, field)
    }

    static func name<Subject: Nameable>(_ text: String, _ field: String) throws(WireError) -> Name<Subject> {
        guard let name = Name<Subject>(text) else { throw WireError(.invalid, "\(field) is not a name") }
        return name
    }

    static func names<Subject: Nameable>(_ texts: [String], _ field: String) throws(WireError) -> [Name<Subject>] {
        var names: [Name<Subject>] = []
        for text in texts { names.append(try self.name(text, field)) }
        return names
    }

    static func id<Subject>(_ text: String, _ field: String) throws(WireError) -> ID<Subject> {
        guard let id = ID<Subject>(text) else { throw WireError(.invalid, "\(field) is not an id") }
        return id
    }

    static func application(_ text: String, _ field: String) throws(WireError) -> ApplicationID {
        guard let application = ApplicationID(text) else {
            throw WireError(.invalid, "\(field) names no application")
        }
        return application
    }

    static func digest(_ data: Data, _ field: String) throws(WireError) -> Digest {
        guard let digest = Digest(data) else { throw WireError(.invalid, "\(field) is not 32 bytes") }
        return digest
    }

    static func digestOrEmpty(_ data: Data, _ field: String) throws(WireError) -> Digest? {
        data.isEmpty ? nil : try self.digest(data, field)
    }

    /// At most `limit` bytes, no control characters.
    static func text(_ text: String, atMost limit: Int, _ field: String) throws(WireError) -> String {
        guard text.utf8.count <= limit, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw WireError(.invalid, "\(field) is longer than \(limit) bytes or holds control characters")
        }
        return text
    }

    static func nonEmptyText(_ text: String, atMost limit: Int, _ field: String) throws(WireError) -> String {
        guard !text.isEmpty else { throw WireError(.invalid, "\(field) is missing") }
        return try self.text(text, atMost: limit, field)
    }

    static func count(_ count: Int, atMost limit: Int, _ field: String) throws(WireError) {
        guard count <= limit else { throw WireError(.invalid, "there are \(count) of \(field), over \(limit)") }
    }

    static func choice<Value: RawRepresentable<String>>(
        _ text: String,
        of type: Value.Type,
        _ field: String
    ) throws(WireError) -> Value {
        guard let value = type.init(rawValue: text) else {
            throw WireError(.invalid, "\(field) is none that this build knows")
        }
        return value
    }

    /// 1 is the only format so far.
    static func format(_ value: UInt32, supported: UInt32, _ message: String) throws(WireError) {
        guard value >= 1 else { throw WireError(.invalid, "\(message) says no format") }
        guard value <= supported else {
            throw WireError(.newer, "\(message) is in format \(value), this build reads up to \(supported): upgrade it")
        }
    }
}
