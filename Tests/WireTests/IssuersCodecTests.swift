import Domain
import Schemas
import SwiftProtobuf
import Testing

@testable import Wire

@Suite struct `The section of issuers` {
    private static let issuer = Issuer(
        name: must(Name("corp")),
        identifier: "https://login.example.com/corp",
        audiences: ["martlet", "gateway"],
        subjectClaim: "azp",
        rules: [
            ApplicationRule(
                claim: "groups",
                value: "ci",
                team: must(Name("demo")),
                roles: [must(Name("everyone"))]
            )
        ],
        keys: [
            IssuerKey(id: "r", algorithm: .ps384, material: .rsa(modulus: [200, 1], exponent: [1, 0, 1])),
            IssuerKey(id: nil, algorithm: nil, material: .elliptic(.p521, x: [1], y: [2, 3])),
            IssuerKey(id: "e", algorithm: .edDSA, material: .ed25519([9])),
        ]
    )

    @Test func `it is read back as it was written, and no node needs it`() throws {
        var sections = Sample.sections()
        sections.issuers = [Self.issuer]
        let parts = try SectionCodec.encode(sections)
        #expect(parts.filter { $0.kind == "issuers" }.map(\.isCritical) == [false])
        #expect(try SectionCodec.decode(parts).issuers == [Self.issuer])
        #expect(try !SectionCodec.encode(Sample.sections()).contains { $0.kind == "issuers" })
    }

    @Test func `keys of a newer build are passed over, and the others count`() throws {
        var message = try PBIssuersSection(serializedBytes: IssuersCodec.encode([Self.issuer]))
        message.issuers[0].keys[0].algorithm = "ML-DSA-65"
        message.issuers[0].keys[1].elliptic.curve = "P-1024"
        message.issuers[0].keys.append(PBIssuerKeyEntry())
        let read = try IssuersCodec.decode(message.deterministicBytes)
        #expect(read.first?.keys.map(\.id) == ["e"])
    }

    @Test func `an issuer without an identifier or with a rule of no team is refused`() throws {
        let good = try PBIssuersSection(serializedBytes: IssuersCodec.encode([Self.issuer]))
        let changes: [(inout PBIssuersSection) -> Void] = [
            { $0.issuers[0].identifier = "" }, { $0.issuers[0].name = "Corp" }, { $0.issuers[0].rules[0].team = "" },
            { $0.issuers[0].subjectClaim = "" }, { $0.issuers[0].audiences[0] = "" }, { $0.format = 0 },
            { $0.format = 2 },
            { $0.issuers[0].rules = Array(repeating: $0.issuers[0].rules[0], count: 201) },
        ]
        for change in changes {
            var message = good
            change(&message)
            let bytes = message.deterministicBytes
            #expect(throws: WireError.self) { try IssuersCodec.decode(bytes) }
        }
    }
}
