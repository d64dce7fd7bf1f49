import Domain
import TestSupport
import Testing
import Wire

struct TrustTests {
    @Test(.needsFixtures) func `the pre-authentication encoding agrees with all eight examples`() throws {
        struct Fixture: Decodable {
            struct Example: Decodable {
                let type: String
                let body: String
                let pae: String

                enum CodingKeys: String, CodingKey {
                    case type = "payload_type_base64"
                    case body = "body_base64"
                    case pae = "pae_base64"
                }
            }
            let count: Int
            let encodings: [Example]?
            let cases: [Example]?
        }
        let fixture = try Fixtures.json(Fixture.self, "snapshot-attacks/pae.json")
        let examples = fixture.cases ?? fixture.encodings ?? []
        #expect(examples.count == 8)
        for example in examples {
            let type = try #require(Base64.decode(example.type))
            let body = try #require(Base64.decode(example.body))
            #expect(PAE.encode(type: type, payload: body) == Base64.decode(example.pae))
        }
    }

    @Test(.needsFixtures) func `all 151 vectors of Ed25519 agree`() throws {
        struct Fixture: Decodable {
            struct Group: Decodable {
                let pk: String
                let tests: [Vector]
            }
            struct Vector: Decodable {
                let tcId: Int
                let msg: String
                let sig: String
                let result: String
            }
            let groups: [Group]
        }
        let groups = try Fixtures.json(Fixture.self, "signatures/ed25519.json").groups
        #expect(groups.map(\.tests.count).reduce(0, +) == 151)
        for group in groups {
            let key = try #require(Hex.decode(group.pk))
            for vector in group.tests {
                let message = try #require(Hex.decode(vector.msg))
                let signature = try #require(Hex.decode(vector.sig))
                let isValid = VerifyingKey.verifies(signature, over: message, publicKey: key)
                #expect(isValid == (vector.result == "valid"), "vector \(vector.tcId)")
            }
        }
    }

    @Test func `a key's id is the digest of its verifying half and survives being stored`() throws {
        let key = SigningKey.generate()
        let again = try #require(SigningKey(rawBytes: key.rawBytes))
        #expect(again.keyID == key.keyID)
        #expect(key.keyID == Digest.sha256(of: key.verifyingKey.bytes))
        #expect(!"\(key)".contains(Hex.encode(key.rawBytes)), "a private key is never shown")
        #expect(SigningKey(rawBytes: []) == nil)
    }

    @Test func `the control plane's own verifier takes what it has just signed`() throws {
        let key = Sample.signingKey
        let parts = try SectionCodec.encode(Sample.sections())
        var manifest = Sample.manifest
        manifest.sections = parts.map(\.reference)
        let manifestBytes = Envelope.signed(manifest.encoded(), type: .manifest, by: [key]).encoded()
        let denyList = Sample.denyList.encoded()
        var head = Sample.head
        head.stable = ManifestRef(sequence: 7, blob: BlobRef(of: manifestBytes))
        head.denyList = BlobRef(of: denyList)
        head.denyListNumber = 4
        let headBytes = Envelope.signed(head.encoded(), type: .head, by: [key]).encoded()
        let rootPayload = Sample.root.encoded()
        let trust = try RootChain(
            first: Envelope.signed(rootPayload, type: .root, by: [key]).encoded(),
            pin: Digest.sha256(of: rootPayload)
        )
        let verifier = SnapshotVerifier(
            trust: trust,
            floors: Floors(head: HeadPosition(epoch: 0, headVersion: 0)),
            purpose: .delivery(now: Sample.time)
        )
        let verified = try verifier.head(headBytes)
        #expect(verified.value == head)
        #expect(try verifier.denyList(denyList, under: verified) == Sample.denyList.list)
        let accepted = try verifier.manifest(manifestBytes, reference: head.stable, under: verified)
        let blobs = Dictionary(uniqueKeysWithValues: parts.map { (Digest.sha256(of: $0.bytes), $0.bytes) })
        let content = try verifier.content(of: accepted) { blobs[$0] }
        #expect(content.keys.count == 3)
    }

    @Test func `a head fits its kibibyte with room to spare`() {
        var head = Sample.head
        head.environment = must(ID(String(repeating: "e", count: 64)))
        #expect(head.encoded().count < PayloadType.head.sizeMax / 2)
    }
}
