import ControlPlane
import Crypto
import Domain
import Platform
import Storage
import TestSupport
import Testing
import Wire

@Suite struct FoundingTests {
    private func found(_ database: Database, _ files: KeyFiles, solo: Bool = false) async throws -> Founded {
        try await Founding(database: database, files: files).found(
            approvalsRequired: solo ? 0 : 1,
            random: { RandomBytes.draw($0) }
        )
    }

    @Test func `makes an installation that opens, with a root that nodes can pin`() async throws {
        let folder = try TemporaryFolder()
        let database = try Database.inMemory(hash: { .sha256($0) })
        let files = KeyFiles(directory: "\(folder.path)/keys")
        let founded = try await self.found(database, files)
        let opened = try await OpenedInstallation.open(database, files: files)
        #expect(opened.environment == founded.environment)
        #expect(opened.trust.pin == founded.rootDigest)
        #expect(opened.installation.approvalsRequired == 1)
        #expect(try files.root().keyID == opened.trust.newest.keys(of: .root).keyIDs.first)
    }

    @Test func `solo needs no approvals`() async throws {
        let control = try await ControlPlaneUnderTest(solo: true)
        #expect(control.opened.installation.approvalsRequired == 0)
    }

    @Test func `a second init is refused and changes nothing`() async throws {
        let control = try await ControlPlaneUnderTest()
        let paths = [control.files.rootPath, control.files.masterPath, control.files.tokenPath]
        let before = try paths.map { try DurableFile.read($0, bytesMax: 1_024, audience: .owner) }
        let head = try await control.database.read { try $0.auditHead() }
        await #expect(throws: StartupFault.self) { _ = try await self.found(control.database, control.files) }
        let elsewhere = KeyFiles(directory: "\(control.folder.path)/other")
        await #expect(throws: StartupFault.self) { _ = try await self.found(control.database, elsewhere) }
        let empty = try Database.inMemory(hash: { .sha256($0) })
        await #expect(throws: StartupFault.self) { _ = try await self.found(empty, control.files) }
        #expect(try paths.map { try DurableFile.read($0, bytesMax: 1_024, audience: .owner) } == before)
        #expect(try await control.database.read { try $0.auditHead() } == head)
        #expect(try await empty.read { try $0.installation() } == nil)
        #expect(try elsewhere.present().isEmpty)
    }

    @Test func `an init that another one overtakes leaves the other's keys alone`() async throws {
        let folder = try TemporaryFolder()
        let database = try Database.inMemory(hash: { .sha256($0) })
        let files = KeyFiles(directory: "\(folder.path)/keys")
        let other = MadeFiles()
        // The other's files come between this one's look and its first file.
        let overtaken = Timing(
            now: {
                do {
                    try files.create(root: .generate(), master: SymmetricKey(size: .bits256), noting: other)
                } catch {
                    Issue.record(error)
                }
                return Timestamp(unixMilliseconds: 1_795_000_000_000)
            },
            steady: { .zero },
            sleep: { _ in }
        )
        let founding = Founding(database: database, files: files, timing: overtaken)
        await #expect(throws: FileFault.self) {
            _ = try await founding.found(approvalsRequired: 0, random: { RandomBytes.draw($0) })
        }
        #expect(try files.present() == [files.rootPath, files.masterPath])
        try other.remove()
        #expect(try files.present().isEmpty)
    }

    @Test func `another master key opens nothing`() async throws {
        let control = try await ControlPlaneUnderTest()
        let other = try await ControlPlaneUnderTest()
        await #expect(throws: StartupFault.self) {
            _ = try await OpenedInstallation.open(control.database, files: other.files)
        }
    }

    @Test func `no private key lies in the database in the clear`() async throws {
        let control = try await ControlPlaneUnderTest(.file)
        try control.database.close()
        let bytes = try DurableFile.read("\(control.folder.path)/control.sqlite", bytesMax: 1 << 24)
        let secrets = (control.opened.keys.release + control.opened.keys.freshness).map(\.rawBytes)
        for secret in secrets + [try control.files.root().rawBytes] { #expect(!bytes.contains(secret)) }
    }

    @Test func `a sealed box opens only in its own place`() throws {
        let environment = try #require(ID<Domain.Environment>("env-1"))
        let vault = Vault(masterKey: SymmetricKey(size: .bits256), environment: environment)
        let label = VaultLabel(.secret, name: "openai-key", version: 1)
        let box = try vault.seal(Array("sk-1".utf8), as: label)
        #expect(try vault.open(box, as: label) == Array("sk-1".utf8))
        #expect(throws: VaultFault.self) {
            try vault.open(box, as: VaultLabel(.secret, name: "openai-key", version: 2))
        }
        #expect(throws: VaultFault.self) { try vault.open(box, as: VaultLabel(.secret, name: "other", version: 1)) }
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(throws: VaultFault.self) { try vault.open(changed, as: label) }
        }
    }
}
