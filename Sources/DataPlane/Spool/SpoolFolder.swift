import Domain

/// One boot's folder in the spool, and the small files beside its segments.
struct SpoolFolder: Hashable, Sendable {
    let boot: ID<Boot>
    let path: String

    init(_ boot: ID<Boot>, in spool: String) {
        self.boot = boot
        self.path = "\(spool)/\(boot.text)"
    }

    func intents(ofLoop loop: Int) -> String { "\(self.path)/intents-\(loop).slots" }
    var birth: String { "\(self.path)/boot" }
    var progress: String { "\(self.path)/progress" }

    static func isIntents(_ file: String) -> Bool { file.hasPrefix("intents-") && file.hasSuffix(".slots") }
}

/// What is known of a boot from its start: written last when its folder is made, so that a folder without it never
/// carried an attempt with a slot.
struct BootBirth: Hashable, Sendable {
    let started: Timestamp
    /// The kernel's id of the machine's own start; empty where it has none.
    let machine: String

    private static let format = "martlet-spool 1"

    func encode() -> [UInt8] {
        Array("\(Self.format)\n\(self.started.unixMilliseconds)\n\(self.machine)\n".utf8)
    }

    /// Nil for another format.
    static func decode(_ bytes: [UInt8]) -> BootBirth? {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 4, lines[0] == self.format, let started = Int64(lines[1]) else { return nil }
        return BootBirth(started: Timestamp(unixMilliseconds: started), machine: String(lines[2]))
    }
}

/// How far the control plane has acknowledged a stream: a hint that saves sending again, never the truth, so it is
/// written without fsync and counts only if whole.
enum Progress {
    static let byteCount = 16

    static func encode(_ acked: UInt64) -> [UInt8] {
        var checksum = SlotChecksum()
        checksum.add(acked)
        var bytes: [UInt8] = []
        bytes.append(littleEndian: acked)
        bytes.append(littleEndian: checksum.value)
        return bytes
    }

    static func decode(_ bytes: [UInt8]) -> UInt64 {
        guard bytes.count >= self.byteCount else { return 0 }
        let acked = bytes.number(at: 0, as: UInt64.self)
        var checksum = SlotChecksum()
        checksum.add(acked)
        return checksum.value == bytes.number(at: 8, as: UInt64.self) && acked < .max / 2 ? acked : 0
    }
}
