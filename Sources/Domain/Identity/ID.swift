/// A generated identifier for one kind of thing. `ID<Node>` and `ID<APIKey>` cannot be mixed up.
///
/// Opaque ASCII, 1 to 64 bytes; where it comes from (random, time-ordered) is its maker's choice.
package struct ID<Subject>: Hashable, Sendable {
    package static var lengthMax: Int { 64 }

    package let text: String

    /// Nil if `text` is empty, longer than 64 bytes or holds anything but `[A-Za-z0-9_-]`.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard (1...Self.lengthMax).contains(bytes.count), bytes.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension ID: CustomStringConvertible, Comparable {
    package var description: String { self.text }
    package static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

/// A machine that carries traffic. It is named by the id that the control plane gave it on enrolment.
package enum Node {}

/// One start of a node's process.
package enum Boot {}

/// One installation of Martlet; its id is inside everything that is signed.
package enum Environment {}
