import Crypto
import Domain
import Foundation
import Testing
import Wire

@testable import ControlPlane

/// The control plane verifies with JWTKit, which awaits, and nodes with `IssuerKey.hasSigned`, which does not.
@Suite struct `Two verifiers of one signature` {
    private let p256 = P256.Signing.PrivateKey()
    private let p384 = P384.Signing.PrivateKey()
    private let p521 = P521.Signing.PrivateKey()
    private let edwards = Curve25519.Signing.PrivateKey()

    @Test(arguments: TokenAlgorithm.allCases)
    func `both say the same of what is good, spoilt, another key's or of another length`(
        algorithm: TokenAlgorithm
    ) async throws {
        let signed =
            Data(#"{"alg":"\#(algorithm.rawValue)"}"#.utf8).base64URL + "." + Data(#"{"sub":"ann"}"#.utf8).base64URL
        let good = Array(try self.signature(algorithm, Data(signed.utf8)))
        let (key, other) = (try self.key(for: algorithm), try Self.otherKey(for: algorithm))
        var spoilt = good
        spoilt[good.count / 2] ^= 1
        let cases: [(why: String, signature: [UInt8], key: IssuerKey, isGood: Bool)] = [
            ("good", good, key, true), ("spoilt", spoilt, key, false), ("another key's", good, other, false),
            ("one byte short", Array(good.dropLast()), key, false), ("one byte long", good + [0], key, false),
            ("with a zero before it", [0] + good, key, false), ("empty", [], key, false),
            ("all zeros", Array(repeating: 0, count: good.count), key, false),
        ]
        for (why, signature, key, isGood) in cases {
            let token = try JSONWebToken("\(signed).\(Base64.encodeURL(signature))")
            #expect(key.isUsable && key.fits(algorithm))
            #expect(key.hasSigned(token.signed, token.signature, by: algorithm) == isGood, "a node: \(why)")
            #expect(await Self.verifies(token, by: key) == isGood, "the control plane: \(why)")
        }
    }

    private static func verifies(_ token: JSONWebToken, by key: IssuerKey) async -> Bool {
        do {
            try await PublicKeys.verify(token, by: key)
            return true
        } catch {
            return false
        }
    }

    private func signature(_ algorithm: TokenAlgorithm, _ bytes: Data) throws -> Data {
        switch algorithm {
        case .es256: try self.p256.signature(for: bytes).rawRepresentation
        case .es384: try self.p384.signature(for: bytes).rawRepresentation
        case .es512: try self.p521.signature(for: bytes).rawRepresentation
        case .edDSA: try self.edwards.signature(for: bytes)
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512:
            Data(try #require(RSASignatures.byAlgorithm[algorithm].flatMap(Base64.decodeURL)))
        }
    }

    private func key(for algorithm: TokenAlgorithm) throws -> IssuerKey {
        switch algorithm {
        case .es256: Self.elliptic(.p256, self.p256.publicKey.rawRepresentation)
        case .es384: Self.elliptic(.p384, self.p384.publicKey.rawRepresentation)
        case .es512: Self.elliptic(.p521, self.p521.publicKey.rawRepresentation)
        case .edDSA: Self.key(.ed25519([UInt8](self.edwards.publicKey.rawRepresentation)))
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: try Self.rsa()
        }
    }

    private static func otherKey(for algorithm: TokenAlgorithm) throws -> IssuerKey {
        switch algorithm {
        case .es256: Self.elliptic(.p256, P256.Signing.PrivateKey().publicKey.rawRepresentation)
        case .es384: Self.elliptic(.p384, P384.Signing.PrivateKey().publicKey.rawRepresentation)
        case .es512: Self.elliptic(.p521, P521.Signing.PrivateKey().publicKey.rawRepresentation)
        case .edDSA: Self.key(.ed25519([UInt8](Curve25519.Signing.PrivateKey().publicKey.rawRepresentation)))
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: try Self.rsa { $0[128] ^= 1 }
        }
    }

    /// Every odd number of 2,048 bits does for verifying: nobody can tell whether it has two large factors.
    private static func rsa(_ change: (inout [UInt8]) -> Void = { _ in }) throws -> IssuerKey {
        var modulus = try #require(Base64.decodeURL(RSASignatures.modulus))
        change(&modulus)
        return self.key(.rsa(modulus: modulus, exponent: [1, 0, 1]))
    }

    private static func elliptic(_ curve: IssuerKey.Curve, _ point: Data) -> IssuerKey {
        let (x, y) = (point.prefix(point.count / 2), point.suffix(point.count / 2))
        return self.key(.elliptic(curve, x: [UInt8](x), y: [UInt8](y)))
    }

    private static func key(_ material: IssuerKey.Material) -> IssuerKey {
        IssuerKey(id: nil, algorithm: nil, material: material)
    }
}
