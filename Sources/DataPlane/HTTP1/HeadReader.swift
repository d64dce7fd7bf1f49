internal import NIOCore

/// Reads a head's lines, start line and fields, in one pass over its bytes, however they are cut (RFC 9112, 2 and 5).
///
/// Strict: every line ends with CR LF, names are tokens directly before their colon, values have no control
/// characters but the tab, and no line continues the one before it.
struct HeadReader {
    private enum Place {
        case beforeStartLine
        case startLine
        case lineStart
        case name
        case space
        case value
        /// After a CR; a LF follows.
        case lineEnd
        case emptyLineEnd
        case end
    }

    /// SDKs send about fifteen.
    private static let usualFields = 16

    /// Where a head may have an empty line before its first one: some senders end a body with a line end too many.
    private let mayBeginEmpty: Bool
    private var place: Place
    /// The next byte to look at, counted from the head's first.
    private(set) var position = 0
    private var lineStart = 0
    private(set) var startLine = 0..<0
    private var fieldsStart = 0
    private(set) var entries: [Fields.Entry] = []
    private var entry = Fields.Entry(start: FieldStart(), name: 0, nameLength: 0, value: 0, valueLength: 0)

    /// `hasStartLine` is false for the trailer fields behind a body.
    init(hasStartLine: Bool = true, mayBeginEmpty: Bool = false) {
        self.mayBeginEmpty = mayBeginEmpty
        self.place = hasStartLine ? .beforeStartLine : .lineStart
    }

    var isAtStart: Bool { self.position == 0 }

    /// Where the fields' lines lie, without the empty line behind them. To be asked for when the head has ended.
    var fieldLines: Range<Int> { self.fieldsStart..<max(self.fieldsStart, self.position - 2) }

    /// Goes on where it stopped; `head` begins with the head's first byte. True once its last one has been read.
    mutating func read(_ head: Span<UInt8>) throws(HTTP1Flaw) -> Bool {
        while self.position < head.count {
            switch self.place {
            case .beforeStartLine: try self.beginStartLine(head[self.position])
            case .startLine: try self.readStartLine(head)
            case .lineStart: try self.beginLine(head[self.position])
            case .name: try self.readName(head)
            case .space: self.skipSpace(head)
            case .value: try self.readValue(head)
            case .lineEnd, .emptyLineEnd: try self.endLine(head[self.position])
            case .end:
                guard self.position <= HTTP1Bounds.headBytesMax else { throw .headTooLarge }
                return true
            }
        }
        guard self.position <= HTTP1Bounds.headBytesMax else { throw .headTooLarge }
        return self.place == .end
    }

    private mutating func beginStartLine(_ byte: UInt8) throws(HTTP1Flaw) {
        switch byte {
        case .carriageReturn where self.mayBeginEmpty && self.position == 0, .lineFeed where self.position == 1:
            self.position += 1
        // Most other protocols are told by their first byte: nobody waits for the rest of a line that never ends.
        case UInt8(ascii: "A")...UInt8(ascii: "Z") where self.position != 1:
            self.lineStart = self.position
            self.place = .startLine
        default: throw .startLine
        }
    }

    private mutating func readStartLine(_ head: Span<UInt8>) throws(HTTP1Flaw) {
        self.position = head.firstControl(from: self.position)
        guard self.position < head.count else { return }
        guard head[self.position] == .carriageReturn else {
            throw head[self.position] == .lineFeed ? .lineEnd : .startLine
        }
        self.startLine = self.lineStart..<self.position
        self.position += 1
        self.fieldsStart = self.position + 1
        self.place = .lineEnd
    }

    private mutating func beginLine(_ byte: UInt8) throws(HTTP1Flaw) {
        if byte == .carriageReturn {
            self.position += 1
            self.place = .emptyLineEnd
        } else {
            guard byte != .lineFeed else { throw .lineEnd }
            self.lineStart = self.position
            self.place = .name
        }
    }

    private mutating func readName(_ head: Span<UInt8>) throws(HTTP1Flaw) {
        self.position = head.tokenEnd(from: self.position)
        guard self.position < head.count else { return }
        guard head[self.position] == UInt8(ascii: ":"), self.position > self.lineStart else { throw .fieldName }
        if self.entries.isEmpty { self.entries.reserveCapacity(Self.usualFields) }
        guard self.entries.count < HTTP1Bounds.fieldsMax else { throw .headTooLarge }
        let name = head.extracting(self.lineStart..<self.position)
        self.entry.start = unsafe name.withUnsafeBytes { unsafe FieldStart($0) }
        self.entry.name = UInt32(truncatingIfNeeded: self.lineStart - self.fieldsStart)
        self.entry.nameLength = UInt32(truncatingIfNeeded: self.position - self.lineStart)
        self.position += 1
        self.place = .space
    }

    private mutating func skipSpace(_ head: Span<UInt8>) {
        while self.position < head.count, head[self.position].isSpaceOrTab { self.position += 1 }
        guard self.position < head.count else { return }
        self.entry.value = UInt32(truncatingIfNeeded: self.position - self.fieldsStart)
        self.place = .value
    }

    private mutating func readValue(_ head: Span<UInt8>) throws(HTTP1Flaw) {
        while true {
            self.position = head.firstControl(from: self.position)
            guard self.position < head.count else { return }
            guard head[self.position] == .tab else { break }
            self.position += 1
        }
        switch head[self.position] {
        case .carriageReturn: break
        case .lineFeed: throw .lineEnd
        default: throw .fieldValue
        }
        var end = self.position
        let start = self.fieldsStart + Int(self.entry.value)
        while end > start, head[end - 1].isSpaceOrTab { end -= 1 }
        self.entry.valueLength = UInt32(truncatingIfNeeded: end - start)
        self.entries.append(self.entry)
        self.position += 1
        self.place = .lineEnd
    }

    private mutating func endLine(_ byte: UInt8) throws(HTTP1Flaw) {
        guard byte == .lineFeed else { throw .lineEnd }
        self.position += 1
        self.place = self.place == .emptyLineEnd ? .end : .lineStart
    }
}
