internal import CSimdJSON
internal import NIOCore
internal import Synchronization

/// Reads JSON texts, one at a time, with memory that it keeps for the next. Each event loop has its own; it is
/// not `Sendable`, so the compiler holds it there.
///
/// A text is checked whole before any of it is read: what follows never meets bad syntax, bad UTF-8 or trailing
/// bytes. Numbers beyond Double and UInt64 and escaped lone surrogates are refused too.
package final class JSONReader {
    /// Texts up to here are parsed with memory that stays; simdjson takes some 12 bytes for each byte of text.
    private static let keptLengthMax = 256 * 1024
    /// No text is longer: a whole body, or a whole reply that is held.
    package static let lengthMax = 64 * 1024 * 1024
    /// Arrays and objects within each other.
    package static let depthMax = 512
    /// Held while a long text is parsed, so that the node has memory for at most one at a time.
    private static let longTexts = Mutex(())

    private let kept: Parser

    package init() { self.kept = Parser(lengthMax: Self.keptLengthMax) }

    /// Parses `text` and hands a cursor at its root to `body`. With `ranges`, members tell where they stand in the
    /// text.
    func read<Result: Sendable>(
        _ text: ByteBuffer,
        ranges: Bool = false,
        _ body: (borrowing JSONCursor) throws(JSONProblem) -> Result
    ) throws(JSONProblem) -> Result {
        guard text.readableBytes > Self.keptLengthMax else { return try self.kept.read(text, ranges: ranges, body) }
        guard text.readableBytes <= Self.lengthMax else { throw .tooLarge }
        return try Self.longTexts.withLock { (_: inout sending Void) throws(JSONProblem) -> Result in
            try Parser(lengthMax: Self.lengthMax).read(text, ranges: ranges, body)
        }
    }
}

/// Why a text is not JSON that we read.
package enum JSONProblem: Error, Hashable, Sendable {
    case empty
    case notUTF8
    case tooDeep
    case badNumber
    case badString
    case badSyntax
    case tooLarge
    case noMemory
    case notObject
    /// A field that the gateway reads is not as it must be. `fault` follows the quoted name in a sentence.
    case field(String, fault: String)

    /// Ends a sentence that begins with "The body".
    package var reason: String {
        switch self {
        case .empty: "is empty"
        case .notUTF8: "is not UTF-8"
        case .tooDeep: "nests arrays and objects deeper than \(JSONReader.depthMax)"
        case .badNumber: "holds a number that is malformed or out of range"
        case .badString:
            "holds a string that is unterminated, has a bad escape, a lone surrogate or a raw control character"
        case .badSyntax: "is not valid JSON"
        case .tooLarge: "is longer than \(JSONReader.lengthMax) bytes"
        case .noMemory: "could not be read: the node is out of memory"
        case .notObject: "is not a JSON object"
        case .field(let name, let fault): "has a field '\(name)' that \(fault)"
        }
    }
}

/// One simdjson parser and its memory.
@safe
private final class Parser {
    private let pointer: OpaquePointer?

    init(lengthMax: Int) { unsafe self.pointer = martlet_json_create(lengthMax, JSONReader.depthMax) }

    deinit { unsafe martlet_json_destroy(self.pointer) }

    func read<Result: Sendable>(
        _ text: ByteBuffer,
        ranges: Bool,
        _ body: (borrowing JSONCursor) throws(JSONProblem) -> Result
    ) throws(JSONProblem) -> Result {
        guard let pointer = unsafe self.pointer else { throw .noMemory }
        // Bytes that the buffer owns but has not written yet serve as padding; simdjson reads over them and
        // ignores them.
        let isPadded = text.writableBytes >= Int(MARTLET_JSON_PADDING)
        return try unsafe text.readableBytesSpan.withUnsafeBytes { (bytes) throws(JSONProblem) -> Result in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            let status = unsafe martlet_json_parse(pointer, start, bytes.count, isPadded, ranges)
            if let problem = JSONProblem(status) { throw problem }
            return try body(unsafe JSONCursor(pointer))
        }
    }
}

extension JSONProblem {
    fileprivate init?(_ status: martlet_json_status) {
        switch status {
        case MARTLET_JSON_OK: return nil
        case MARTLET_JSON_EMPTY: self = .empty
        case MARTLET_JSON_NOT_UTF8: self = .notUTF8
        case MARTLET_JSON_TOO_DEEP: self = .tooDeep
        case MARTLET_JSON_BAD_NUMBER: self = .badNumber
        case MARTLET_JSON_BAD_STRING: self = .badString
        case MARTLET_JSON_TOO_LARGE: self = .tooLarge
        case MARTLET_JSON_NO_MEMORY: self = .noMemory
        default: self = .badSyntax
        }
    }
}
