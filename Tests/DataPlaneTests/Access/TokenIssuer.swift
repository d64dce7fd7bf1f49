import Crypto
import CryptoExtras
import Domain
import Foundation
import Testing

@testable import DataPlane

/// An issuer with a key of each type, whose tokens the fixture snapshot knows.
struct TokenIssuer {
    static let identifier = "https://login.example.com/corp"
    /// When the bench's exchanges are admitted.
    static let now: Int64 = 1_800_000_000

    let p256 = P256.Signing.PrivateKey()
    let p384 = P384.Signing.PrivateKey()
    let p521 = P521.Signing.PrivateKey()
    let edwards = Curve25519.Signing.PrivateKey()
    let rsa: _RSA.Signing.PrivateKey

    init() throws { self.rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    var keys: [IssuerKey] {
        get throws {
            let numbers = try self.rsa.publicKey.getKeyPrimitives()
            return [
                IssuerKey(
                    id: "r",
                    algorithm: nil,
                    material: .rsa(modulus: [UInt8](numbers.modulus), exponent: [UInt8](numbers.publicExponent))
                ),
                Self.elliptic("p256", .p256, self.p256.publicKey.rawRepresentation),
                Self.elliptic("p384", .p384, self.p384.publicKey.rawRepresentation),
                Self.elliptic("p521", .p521, self.p521.publicKey.rawRepresentation),
                IssuerKey(
                    id: "ed",
                    algorithm: .edDSA,
                    material: .ed25519([UInt8](self.edwards.publicKey.rawRepresentation))
                ),
            ]
        }
    }

    private static func elliptic(_ id: String, _ curve: IssuerKey.Curve, _ point: Data) -> IssuerKey {
        let (x, y) = (point.prefix(point.count / 2), point.suffix(point.count / 2))
        return IssuerKey(id: id, algorithm: nil, material: .elliptic(curve, x: [UInt8](x), y: [UInt8](y)))
    }

    func issuer(keys: [IssuerKey]? = nil) throws -> Issuer {
        Issuer(
            name: try name("corp"),
            identifier: Self.identifier,
            audiences: ["martlet"],
            subjectClaim: "sub",
            rules: [
                ApplicationRule(
                    claim: "groups",
                    value: "ci",
                    team: try name("demo"),
                    roles: [try name("everyone")]
                )
            ],
            keys: try keys ?? self.keys
        )
    }

    static func claims(_ other: [String: String] = [:]) -> String {
        var members = [
            "iss": #""\#(Self.identifier)""#, "aud": #""martlet""#, "sub": #""runner""#, "groups": #"["ci","x"]"#,
            "exp": "\(Self.now + 300)",
        ]
        members.merge(other) { $1 }
        return "{\(members.sorted { $0.key < $1.key }.map { "\"\($0)\":\($1)" }.joined(separator: ","))}"
    }

    /// Signed as `algorithm` says, by the key of that type, whatever the header says.
    func token(
        _ algorithm: TokenAlgorithm = .es256,
        _ claims: String = TokenIssuer.claims(),
        header: String? = nil
    ) throws -> String {
        let key = self.keyID(for: algorithm)
        let header = header ?? #"{"alg":"\#(algorithm.rawValue)","kid":"\#(key)"}"#
        let signed = "\(Self.encoded(Data(header.utf8))).\(Self.encoded(Data(claims.utf8)))"
        return "\(signed).\(Self.encoded(try self.signature(algorithm, Data(signed.utf8))))"
    }

    private func keyID(for algorithm: TokenAlgorithm) -> String {
        switch algorithm {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: "r"
        case .es256: "p256"
        case .es384: "p384"
        case .es512: "p521"
        case .edDSA: "ed"
        }
    }

    private func signature(_ algorithm: TokenAlgorithm, _ bytes: Data) throws -> Data {
        switch algorithm {
        case .rs256: try self.rsa(SHA256.hash(data: bytes), .insecurePKCS1v1_5)
        case .rs384: try self.rsa(SHA384.hash(data: bytes), .insecurePKCS1v1_5)
        case .rs512: try self.rsa(SHA512.hash(data: bytes), .insecurePKCS1v1_5)
        case .ps256: try self.rsa(SHA256.hash(data: bytes), .PSS)
        case .ps384: try self.rsa(SHA384.hash(data: bytes), .PSS)
        case .ps512: try self.rsa(SHA512.hash(data: bytes), .PSS)
        case .es256: try self.p256.signature(for: bytes).rawRepresentation
        case .es384: try self.p384.signature(for: bytes).rawRepresentation
        case .es512: try self.p521.signature(for: bytes).rawRepresentation
        case .edDSA: try self.edwards.signature(for: bytes)
        }
    }

    private func rsa(_ digest: some Crypto.Digest, _ padding: _RSA.Signing.Padding) throws -> Data {
        try self.rsa.signature(for: digest, padding: padding).rawRepresentation
    }

    static func encoded(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
