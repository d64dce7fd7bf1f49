internal import NIOCore

/// Header fields in the order in which they came. Names are compared without regard to case, as HTTP asks.
///
/// They are kept as the text that stands on the wire, lines of `name: value` with their line ends, beside an index
/// of where each name and value lies: a head that was read is not copied, and one that is written is written once.
/// What always holds: no name or value has a control character but the tab, so that no value can become a line.
struct Fields: Sendable {
    /// The lines, one after the other, nothing before and nothing behind.
    private(set) var lines: ByteBuffer
    private var entries: [Entry]

    /// Offsets from the first byte of `lines`; a head's bound keeps them far below the maximum.
    struct Entry: Hashable, Sendable {
        var start: FieldStart
        var name: UInt32
        var nameLength: UInt32
        var value: UInt32
        var valueLength: UInt32
    }

    init() {
        self.lines = ByteBuffer()
        self.entries = []
    }

    /// Of a head that was read: the reader has checked every byte.
    init(lines: ByteBuffer, entries: [Entry]) {
        self.lines = lines
        self.entries = entries
    }

    var count: Int { self.entries.count }
    var indices: Range<Int> { self.entries.indices }

    mutating func reserve(_ count: Int, bytes: Int) {
        self.entries.reserveCapacity(count)
        self.lines.reserveCapacity(bytes)
    }

    // MARK: - Writing

    mutating func add(_ name: String, _ value: String) {
        var (name, value) = (name, value)
        name.withUTF8 { name in
            value.withUTF8 { value in unsafe self.write(UnsafeRawBufferPointer(name), UnsafeRawBufferPointer(value)) }
        }
    }

    /// The value is what `write` writes behind what is there already.
    mutating func add(_ name: StaticString, _ write: (inout ByteBuffer) -> Void) {
        let line = self.lines.readableBytes
        self.lines.writeStaticString(name)
        self.lines.writeStaticString(": ")
        let value = self.lines.readableBytes
        write(&self.lines)
        let end = self.lines.readableBytes
        unsafe self.lines.withUnsafeMutableReadableBytes { bytes in
            unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[value...]).silenceControls(upTo: end - value)
        }
        self.lines.writeStaticString("\r\n")
        self.entries.append(
            Entry(
                start: name.withUTF8Buffer { unsafe FieldStart(UnsafeRawBufferPointer($0)) },
                name: UInt32(line),
                nameLength: UInt32(name.utf8CodeUnitCount),
                value: UInt32(value),
                valueLength: UInt32(end - value)
            )
        )
    }

    /// The value of another head's field, byte for byte, under a name of our own writing.
    mutating func add(_ name: String, valueAt index: Int, of other: Fields) {
        let entry = other.entries[index]
        var name = name
        name.withUTF8 { name in
            unsafe other.lines.withUnsafeReadableBytes { lines in
                unsafe self.write(UnsafeRawBufferPointer(name), lines.part(entry.value, entry.valueLength))
            }
        }
    }

    /// The same field once more, byte for byte.
    mutating func add(_ index: Int, of other: Fields) {
        let entry = other.entries[index]
        unsafe other.lines.withUnsafeReadableBytes { lines in
            unsafe self.write(
                lines.part(entry.name, entry.nameLength),
                lines.part(entry.value, entry.valueLength)
            )
        }
    }

    /// Every field of `other`, byte for byte. `other` was made here, not read.
    mutating func add(_ other: Fields) {
        let shift = UInt32(self.lines.readableBytes)
        self.lines.writeImmutableBuffer(other.lines)
        for entry in other.entries {
            self.entries.append(
                Entry(
                    start: entry.start,
                    name: entry.name + shift,
                    nameLength: entry.nameLength,
                    value: entry.value + shift,
                    valueLength: entry.valueLength
                )
            )
        }
    }

    /// One line, in one go: a reply has a dozen of them.
    private mutating func write(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        let line = self.lines.readableBytes
        let valueStart = name.count + 2
        let length = valueStart + value.count + 2
        unsafe self.lines.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { room in
            let line = unsafe UnsafeMutableRawBufferPointer(rebasing: room[..<length])
            unsafe line.copyMemory(from: name)
            unsafe line[name.count] = UInt8(ascii: ":")
            unsafe line[name.count + 1] = UInt8(ascii: " ")
            unsafe UnsafeMutableRawBufferPointer(rebasing: line[valueStart...]).copyMemory(from: value)
            unsafe line.silenceControls(upTo: length - 2)
            unsafe line[length - 2] = .carriageReturn
            unsafe line[length - 1] = .lineFeed
            return length
        }
        self.entries.append(
            Entry(
                start: unsafe FieldStart(name),
                name: UInt32(line),
                nameLength: UInt32(name.count),
                value: UInt32(line + valueStart),
                valueLength: UInt32(value.count)
            )
        )
    }

    // MARK: - Reading

    /// The first value of `name`.
    subscript(name: FieldName) -> String? { self.index(of: name).map { self.value(at: $0) } }

    func index(of name: FieldName) -> Int? { self.entries.indices.first { self.isNamed(name, at: $0) } }

    func count(of name: FieldName) -> Int { self.entries.indices.count { self.isNamed(name, at: $0) } }

    /// The value of `name` if it stands once; every value joined by commas if it is repeated, as HTTP reads lists.
    func joined(_ name: FieldName) -> String? {
        guard let first = self.index(of: name) else { return nil }
        let more = self.entries.indices.dropFirst(first + 1).filter { self.isNamed(name, at: $0) }
        return more.reduce(self.value(at: first)) { $0 + ", " + self.value(at: $1) }
    }

    func isNamed(_ name: FieldName, at index: Int) -> Bool {
        Int(self.entries[index].nameLength) == name.length && self.hasPrefix(name, at: index)
    }

    /// Whether the field's name begins so.
    func hasPrefix(_ prefix: FieldName, at index: Int) -> Bool {
        let entry = self.entries[index]
        guard Int(entry.nameLength) >= prefix.length,
            entry.start.begins(with: prefix.start, length: prefix.length)
        else { return false }
        guard prefix.length > FieldStart.length else { return true }
        return unsafe self.lines.withUnsafeReadableBytes { bytes in
            prefix.text.withUTF8Buffer { expected in
                (FieldStart.length..<expected.count).allSatisfy {
                    unsafe bytes[Int(entry.name) + $0].lowercasedASCII == expected[$0]
                }
            }
        }
    }

    /// Whether the value is `value`, written in lower case, or begins with it and one of `ends`.
    func hasValue(_ value: String, endedBy ends: [UInt8], at index: Int) -> Bool {
        let entry = self.entries[index]
        let length = value.utf8.count
        guard Int(entry.valueLength) >= length else { return false }
        let bytes = self.lines.readableBytesUInt8Span
        var at = Int(entry.value)
        for expected in value.utf8 {
            guard bytes[at].lowercasedASCII == expected else { return false }
            at += 1
        }
        return Int(entry.valueLength) == length || ends.contains(bytes[at])
    }

    /// In lower case.
    func name(at index: Int) -> String {
        let entry = self.entries[index]
        return self.text(entry.name, entry.nameLength).lowercasedASCII
    }

    /// Bytes that are no UTF-8 are replaced; `bytes(at:)` has them as they came.
    func value(at index: Int) -> String {
        let entry = self.entries[index]
        return self.text(entry.value, entry.valueLength)
    }

    /// The value's own bytes; they share the memory of the head.
    func bytes(at index: Int) -> ByteBuffer {
        let entry = self.entries[index]
        return self.lines.slice(entry.value, entry.valueLength)
    }

    /// Whether the line ends directly behind the value, without a space or tab that one reader drops and another keeps.
    func endsCleanly(at index: Int) -> Bool {
        let entry = self.entries[index]
        let end = Int(entry.value) + Int(entry.valueLength)
        let bytes = self.lines.readableBytesUInt8Span
        return end >= bytes.count || bytes[end] == .carriageReturn
    }

    private func text(_ start: UInt32, _ length: UInt32) -> String {
        String(buffer: self.lines.slice(start, length))
    }
}

extension Fields: Equatable {
    static func == (a: Fields, b: Fields) -> Bool {
        a.count == b.count
            && a.indices.allSatisfy { a.name(at: $0) == b.name(at: $0) && a.bytes(at: $0) == b.bytes(at: $0) }
    }
}

extension UInt8 {
    var lowercasedASCII: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}

extension String {
    /// Letters of ASCII alone, as protocols ask. `lowercased()` makes a `k` of the Kelvin sign, which no other reader does.
    var lowercasedASCII: String { String(decoding: self.utf8.map(\.lowercasedASCII), as: UTF8.self) }
}

extension ByteBuffer {
    /// Nil cannot happen: an entry lies within its lines.
    fileprivate func slice(_ start: UInt32, _ length: UInt32) -> ByteBuffer {
        self.getSlice(at: self.readerIndex + Int(start), length: Int(length)) ?? ByteBuffer()
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func part(_ start: UInt32, _ length: UInt32) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: self[Int(start)..<Int(start) + Int(length)])
    }
}

extension UnsafeMutableRawBufferPointer {
    /// A line end inside a name or value would begin a field of somebody else's making; it becomes a space.
    fileprivate func silenceControls(upTo end: Int) {
        var index = 0
        while index < end {
            if index + 8 <= end, unsafe !self.loadUnaligned(fromByteOffset: index, as: UInt64.self).hasControl {
                index += 8
                continue
            }
            let byte = unsafe self[index]
            if byte < 0x20 && byte != .tab || byte == 0x7F { unsafe self[index] = UInt8(ascii: " ") }
            index += 1
        }
    }
}
