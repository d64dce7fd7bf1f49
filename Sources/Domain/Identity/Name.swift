/// A name that people give to a thing: `demo`, `assistant`, `openai/gpt-4o`.
///
/// A segment matches `[a-z0-9]([a-z0-9._-]*[a-z0-9])?` and has at most 64 characters; how many segments a
/// name has is its subject's to say. The grammar is ASCII, so `==` on the text is equality of bytes.
package struct Name<Subject: Nameable>: Hashable, Sendable {
    package let text: String

    /// Nil unless `text` keeps the grammar.
    package init?(_ text: String) {
        guard NameGrammar.accepts(text, segments: Subject.nameSegments) else { return nil }
        self.text = text
    }
}

/// A kind of thing that people name.
package protocol Nameable {
    /// How many `/`-separated segments its names have: 2 for models, 1 for everything else.
    static var nameSegments: Int { get }
}

extension Nameable {
    package static var nameSegments: Int { 1 }
}

extension Name: CustomStringConvertible, Comparable {
    package var description: String { self.text }
    package static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

package enum NameGrammar {
    package static let segmentLengthMax = 64

    package static func accepts(_ text: String, segments: Int) -> Bool {
        var ended = 0
        var length = 0
        var last: UInt8 = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "/") {
                guard self.mayEnd(length, last) else { return false }
                ended += 1
                length = 0
            } else {
                guard length > 0 ? self.isNameByte(byte) : self.isLetterOrDigit(byte) else { return false }
                length += 1
                last = byte
            }
        }
        return ended + 1 == segments && self.mayEnd(length, last)
    }

    private static func mayEnd(_ length: Int, _ last: UInt8) -> Bool {
        (1...self.segmentLengthMax).contains(length) && self.isLetterOrDigit(last)
    }

    /// Whether `byte` may stand in a segment.
    static func isNameByte(_ byte: UInt8) -> Bool { self.isLetterOrDigit(byte) || self.isJoiner(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isJoiner(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
}
