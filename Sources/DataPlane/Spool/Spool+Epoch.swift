/// The epoch under which all that is in the spool was offered, beside the boots' folders.
///
/// Its name is no boot's: a dot is in none.
extension Spool {
    private static let epochFile = "offered.epoch"
    private static let epochFormat = "martlet-offered 1"
    private static let epochByteCountMax = 64

    private var epochPath: String { "\(self.path)/\(Self.epochFile)" }

    /// Nil where there is none, or in another format. Blocks.
    func offeredEpoch() throws(DiskFault) -> UInt64? {
        guard try self.disk.names(in: self.path).contains(Self.epochFile) else { return nil }
        let bytes = try self.disk.read(self.epochPath, at: 0, atMost: Self.epochByteCountMax)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count == 2, lines[0] == Self.epochFormat else { return nil }
        return UInt64(lines[1])
    }

    /// Durable when it returns. Blocks.
    func keepOffered(_ epoch: UInt64) throws(DiskFault) {
        try self.disk.replace(self.epochPath, with: Array("\(Self.epochFormat)\n\(epoch)\n".utf8))
    }
}
