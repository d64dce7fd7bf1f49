package import Crypto
import Foundation
package import Platform
package import Wire

/// The keys that lie on disk and never in the database: `root.key` signs who may sign, `master.key` seals what the
/// database holds. Both 0600 in a directory of 0700; each one line, `martlet-<kind>-v1:<base64 of 32 bytes>`.
package struct KeyFiles: Sendable {
    package let directory: String

    package init(directory: String) { self.directory = directory }

    package var rootPath: String { "\(self.directory)/root.key" }
    package var masterPath: String { "\(self.directory)/master.key" }
    /// The first admin token, for the person who ran `init`.
    package var tokenPath: String { "\(self.directory)/admin.token" }

    private static let rootKind = "martlet-ed25519-v1"
    private static let masterKind = "martlet-aes256-v1"
    private static let fileBytesMax = 256

    /// The paths of this room's files that exist, so that `init` can refuse before it changes anything.
    package func present() throws(FileFault) -> [String] {
        var present: [String] = []
        for path in [self.rootPath, self.masterPath, self.tokenPath]
        where try DurableFile.readIfPresent(path, bytesMax: Self.fileBytesMax) != nil {
            present.append(path)
        }
        return present
    }

    /// Refuses where there is a file already; each that was made is noted in `made`, also where the next one fails.
    package func create(root: SigningKey, master: SymmetricKey, noting made: MadeFiles) throws(FileFault) {
        try DurableFile.makeDirectory(self.directory)
        try self.create(Self.line(Self.rootKind, Data(root.rawBytes)), at: self.rootPath, noting: made)
        let masterBytes = unsafe master.withUnsafeBytes { unsafe Data($0) }
        try self.create(Self.line(Self.masterKind, masterBytes), at: self.masterPath, noting: made)
    }

    package func createToken(_ text: String, noting made: MadeFiles) throws(FileFault) {
        try self.create(Array("\(text)\n".utf8), at: self.tokenPath, noting: made)
    }

    /// The admin token of an installation that was restored into `epoch`. Beside the first one's: the control plane that
    /// it opens may be running on.
    func restoredTokenPath(_ plan: RestorePlan) -> String {
        "\(self.directory)/admin-\(plan.epoch)-\(plan.last.seq).token"
    }

    func createToken(_ text: String, restored plan: RestorePlan, noting made: MadeFiles) throws(FileFault) {
        try self.create(Array("\(text)\n".utf8), at: self.restoredTokenPath(plan), noting: made)
    }

    private func create(_ bytes: [UInt8], at path: String, noting made: MadeFiles) throws(FileFault) {
        try DurableFile.create(bytes, at: path)
        made.note(path)
    }

    package func master() throws -> SymmetricKey {
        SymmetricKey(data: try self.read(self.masterPath, kind: Self.masterKind))
    }

    package func root() throws -> SigningKey {
        guard let key = SigningKey(rawBytes: Array(try self.read(self.rootPath, kind: Self.rootKind))) else {
            throw StartupFault(.configuration, "\(self.rootPath) holds no Ed25519 key")
        }
        return key
    }

    private static func line(_ kind: String, _ key: Data) -> [UInt8] {
        Array("\(kind):\(key.base64EncodedString())\n".utf8)
    }

    private func read(_ path: String, kind: String) throws -> Data {
        let bytes = try DurableFile.read(path, bytesMax: Self.fileBytesMax, audience: .owner)
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[0] == kind, let key = Data(base64Encoded: String(parts[1])), key.count == 32
        else {
            throw StartupFault(
                .configuration,
                "\(path) is not a key file: it must hold `\(kind):` and 32 bytes in base64"
            )
        }
        return key
    }
}
