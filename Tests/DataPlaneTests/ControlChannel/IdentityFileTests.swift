import Domain
import Platform
import TestSupport
import Testing
import Wire

@testable import DataPlane

@Suite struct IdentityFileTests {
    private static func identity(pin: Digest? = nil) throws -> NodeIdentity {
        NodeIdentity(
            keys: .generate(),
            node: try #require(ID("n-1")),
            environment: try #require(ID("env")),
            rootPin: Digest.sha256(of: [1]),
            serverKeyPin: pin,
            roots: [[1, 2, 3], [4]],
            floor: HeadPosition(epoch: 2, headVersion: 40)
        )
    }

    @Test func `what enrolment gave is read back as it was`() throws {
        let folder = try TemporaryFolder()
        let file = IdentityFile(directory: folder.path)
        for pin in [nil, Digest.sha256(of: [9])] {
            let identity = try Self.identity(pin: pin)
            try file.save(identity)
            guard case .joined(let read) = try file.load() else {
                Issue.record("not joined")
                return
            }
            #expect(read.node == identity.node && read.environment == identity.environment)
            #expect(read.keys.signing.rawBytes == identity.keys.signing.rawBytes)
            #expect(read.keys.sealing.rawBytes == identity.keys.sealing.rawBytes)
            #expect(read.rootPin == identity.rootPin && read.serverKeyPin == pin)
            #expect(read.roots == identity.roots && read.floor == identity.floor)
        }
    }

    @Test func `keys are kept before anybody has taken them, so that asking again shows the same`() throws {
        let folder = try TemporaryFolder()
        let file = IdentityFile(directory: folder.path)
        guard case .missing = try file.load() else {
            Issue.record("an empty folder holds no identity")
            return
        }
        let keys = NodeKeys.generate()
        try file.save(keys)
        guard case .keys(let read) = try file.load() else {
            Issue.record("keys were saved")
            return
        }
        #expect(read.signing.rawBytes == keys.signing.rawBytes)
    }

    @Test func `a file cut anywhere is damaged or is less, never another identity`() throws {
        let folder = try TemporaryFolder()
        let file = IdentityFile(directory: folder.path)
        let identity = try Self.identity(pin: Digest.sha256(of: [9]))
        try file.save(identity)
        let bytes = try DurableFile.read("\(folder.path)/node.key", bytesMax: 1 << 20, audience: .owner)
        for length in 0..<bytes.count {
            try DurableFile.write(Array(bytes.prefix(length)), to: "\(folder.path)/node.key")
            do {
                guard case .joined(let read) = try file.load() else { continue }
                #expect(read.node.text == identity.node.text && read.rootPin == identity.rootPin)
            } catch is IdentityFile.Damage {
                continue
            }
        }
    }

    @Test func `a file that others can read is refused`() throws {
        let folder = try TemporaryFolder()
        try DurableFile.write(Array("martlet-node-key 1\n".utf8), to: "\(folder.path)/node.key", mode: 0o644)
        #expect(throws: FileFault.self) { try IdentityFile(directory: folder.path).load() }
    }
}
