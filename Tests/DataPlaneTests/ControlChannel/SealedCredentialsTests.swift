import Domain
import Platform
import TestSupport
import Testing
import Wire

@testable import DataPlane

@Suite struct SealedCredentialsTests {
    private let folder: TemporaryFolder
    private let identity: NodeIdentity
    private let name: Name<Secret>

    init() throws {
        self.folder = try TemporaryFolder()
        self.name = try #require(Name<Secret>("openai-key"))
        self.identity = NodeIdentity(
            keys: .generate(),
            node: try #require(ID("n-1")),
            environment: try #require(ID("env")),
            rootPin: Digest.sha256(of: []),
            serverKeyPin: nil,
            roots: [[1]],
            floor: HeadPosition(epoch: 1, headVersion: 1)
        )
    }

    private func credentials(variables: [String] = [], environment: [String: String] = [:]) throws -> SealedCredentials
    {
        let local = try SealedCredentials.Local(variables: variables, files: [], environment: environment)
        return SealedCredentials(local: local, directory: self.folder.path)
    }

    private func provider(_ credential: Provider.Credential, at url: String) throws -> Provider {
        Provider(
            name: try #require(Name("openai")),
            dialect: .openAI,
            baseURL: try #require(BaseURL(url)),
            region: "us",
            jurisdictions: [],
            credential: credential
        )
    }

    private func sealed(_ value: String, version: UInt64 = 1, to keys: NodeKeys? = nil) throws -> [UInt8] {
        let secret = try SealedSecret.seal(
            Array(value.utf8),
            name: self.name,
            version: version,
            hosts: ["api.openai.com"],
            environment: self.identity.environment,
            node: self.identity.node,
            to: (keys ?? self.identity.keys).sealing.publicKey
        )
        return SealedSecrets([secret]).encoded()
    }

    @Test func `a secret goes to the hosts that it names and nowhere else`() throws {
        let credentials = try self.credentials()
        try credentials.replace(with: try self.sealed("sk-1"), for: self.identity)
        #expect(
            credentials.value(for: try self.provider(.secret(self.name), at: "https://api.openai.com/v1"))
                == .value("sk-1")
        )
        #expect(
            credentials.value(for: try self.provider(.secret(self.name), at: "https://evil.example/v1")) == .missing
        )
        #expect(credentials.names == ["openai-key@1"])
    }

    @Test func `a restart reads what was received, still sealed`() throws {
        try self.credentials().replace(with: try self.sealed("sk-secret"), for: self.identity)
        let bytes = try DurableFile.read("\(self.folder.path)/secrets.sealed", bytesMax: 1 << 20, audience: .owner)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("sk-secret"))
        let restarted = try self.credentials()
        try restarted.load(for: self.identity)
        let provider = try self.provider(.secret(self.name), at: "https://api.openai.com/v1")
        #expect(restarted.value(for: provider) == .value("sk-secret"))
    }

    @Test func `a set with one secret for another node is refused whole, and the old set stays`() throws {
        let credentials = try self.credentials()
        try credentials.replace(with: try self.sealed("old"), for: self.identity)
        let foreign = try self.sealed("new", version: 2, to: .generate())
        #expect(throws: SealedSecret.Failure.self) { try credentials.replace(with: foreign, for: self.identity) }
        #expect(credentials.names == ["openai-key@1"])
    }

    @Test func `a variable works only if the node was started with its name`() throws {
        let credentials = try self.credentials(variables: ["MY_KEY"], environment: ["MY_KEY": "v", "PATH": "/bin"])
        let url = "http://127.0.0.1:1/v1"
        #expect(credentials.value(for: try self.provider(.environment("MY_KEY"), at: url)) == .value("v"))
        #expect(credentials.value(for: try self.provider(.environment("PATH"), at: url)) == .missing)
        #expect(credentials.value(for: try self.provider(.none, at: url)) == .notNeeded)
        #expect(throws: StartupFault.self) { try self.credentials(variables: ["UNSET"]) }
    }

    @Test func `a ban leaves nothing behind`() throws {
        let credentials = try self.credentials()
        try credentials.replace(with: try self.sealed("sk"), for: self.identity)
        try credentials.wipe()
        #expect(credentials.names.isEmpty)
        #expect(
            try DurableFile.readIfPresent("\(self.folder.path)/secrets.sealed", bytesMax: 1, audience: .owner) == nil
        )
    }
}
