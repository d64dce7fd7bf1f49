package import Domain

/// Who does something, when and why: what every change says of itself.
package struct Deed: Hashable, Sendable {
    /// A principal's name, `node:<id>`, or `system`.
    package let actor: String
    package let at: Timestamp
    /// Empty if none was given.
    package let reason: String
    /// The id of the admin request; empty for what the control plane does of itself.
    package let request: String

    package init(by actor: String, at: Timestamp, reason: String = "", request: String = "") {
        self.actor = actor
        self.at = at
        self.reason = reason
        self.request = request
    }
}

extension Deed {
    /// Whether the log has this name for what nobody signed in for: nobody who signs in may have it.
    package static func isReserved(_ name: String) -> Bool { ["system", "node"].contains(name) }
}

/// One line of the audit log: its content, its number, and the hash that binds it to all before it.
package struct AuditEntry: Hashable, Sendable {
    /// 1, 2, 3 … without gaps.
    package let number: Int64
    /// The hash of the entry before; 32 zero bytes for the first.
    package let previous: Digest
    package let deed: Deed
    /// What was done, in the past tense of an admin verb: `route.revised`, `key.revoked`.
    package let action: String
    /// What it was done to: `route/assistant`.
    package let subject: String
    /// Digests of the thing's content; the content itself is in the revisions.
    package let before: Digest?
    package let after: Digest?
    /// Canonical JSON without any secret.
    package let detail: String
    package let hash: Digest

    package static let firstPrevious = Array(repeating: UInt8(0), count: Digest.byteCount)
}

/// Which entries are wanted; nil: whatever it is.
package struct AuditFilter: Hashable, Sendable {
    package let subject: String?
    package let actor: String?
    package let action: String?

    package init(subject: String? = nil, actor: String? = nil, action: String? = nil) {
        self.subject = subject
        self.actor = actor
        self.action = action
    }
}

/// The end of the chain: who knows it can tell whether anything before it was changed.
package struct AuditHead: Hashable, Sendable {
    package let number: Int64
    package let hash: Digest

    package init(number: Int64, hash: Digest) {
        self.number = number
        self.hash = hash
    }
}

/// Whether the chain holds, from the first entry to the last.
package enum AuditVerdict: Hashable, Sendable {
    /// Nil if there is no entry yet.
    case intact(AuditHead?)
    /// The first entry that does not fit, and how.
    case broken(at: Int64, Break)

    package enum Break: String, Hashable, Sendable {
        /// The entry is not there.
        case missing
        /// It does not name the hash of the one before.
        case unlinked
        /// Its hash is not the hash of its content.
        case altered
        /// Its hash is not the one that was published earlier.
        case replaced
    }
}

extension AuditEntry {
    /// The bytes that are hashed: a fixed prefix, then each field in this order, integers big-endian, texts and
    /// optional digests preceded by their length.
    ///
    /// Lengths keep two different entries from having the same bytes; the prefix keeps them from being those of
    /// anything else that is hashed here.
    static func hashedBytes(
        number: Int64,
        previous: [UInt8],
        deed: Deed,
        action: String,
        subject: String,
        before: Digest?,
        after: Digest?,
        detail: String
    ) -> [UInt8] {
        var bytes = Array("martlet audit entry 1\n".utf8)
        append(number, to: &bytes)
        bytes += previous
        append(deed.at.unixMilliseconds, to: &bytes)
        for text in [deed.actor, action, subject] { append(Array(text.utf8), to: &bytes) }
        for digest in [before, after] { append(digest?.bytes ?? [], to: &bytes) }
        for text in [detail, deed.reason, deed.request] { append(Array(text.utf8), to: &bytes) }
        return bytes
    }

    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private static func append(_ text: [UInt8], to bytes: inout [UInt8]) {
        append(Int64(text.count), to: &bytes)
        bytes += text
    }
}
