import Domain
import Storage
import TestSupport
import Testing

/// A database of a test's own: the same test runs in memory and on a file.
enum Place: CaseIterable, Sendable {
    case memory
    case file
}

struct TestDatabase {
    let database: Database
    /// Kept, because the file goes away with it.
    let folder: TemporaryFolder

    static let fileName = "control.sqlite"

    init(_ place: Place = .memory) throws {
        self.folder = try TemporaryFolder()
        self.database =
            switch place {
            case .memory: try Database.inMemory(hash: testHash)
            case .file: try Database.open(path: "\(self.folder.path)/\(Self.fileName)", hash: testHash)
            }
    }

    var path: String { "\(self.folder.path)/\(Self.fileName)" }
}

/// Stands in for SHA-256, which is not this module's: FNV-1a over the bytes, four times with different beginnings. Any
/// change of any byte changes it, which is all that these tests ask.
@Sendable func testHash(_ bytes: [UInt8]) -> Digest {
    var digest: [UInt8] = []
    for lane in 0..<4 as Range<UInt64> {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ lane
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for shift in stride(from: 56, through: 0, by: -8) { digest.append(UInt8(truncatingIfNeeded: hash >> shift)) }
    }
    guard let digest = Digest(digest) else { preconditionFailure("four times eight bytes are 32") }
    return digest
}

extension Deed {
    static func fixture(by actor: String = "ann", at milliseconds: Int64 = 1_000, reason: String = "") -> Deed {
        Deed(by: actor, at: Timestamp(unixMilliseconds: milliseconds), reason: reason, request: "r1")
    }
}

extension Transaction {
    @discardableResult
    func write(
        _ name: String,
        _ content: String = "{}",
        state: Revision.State = .approved,
        kind: Kind = .routes,
        expecting expectation: Storage.Expectation = .anything,
        by deed: Deed = .fixture()
    ) throws -> Revision {
        try self.revise(kind, name, to: content, state: state, expecting: expectation, by: deed)
    }
}

func proposalID(_ text: String = "p_1") throws -> ID<Proposal> { try #require(ID<Proposal>(text)) }
