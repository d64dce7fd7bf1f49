import Domain
import Foundation
import JWTKit
import Wire

/// The keys that an issuer publishes (a JWK set, RFC 7517), each for what it is meant for.
struct PublicKeys: Hashable {
    let keys: [IssuerKey]

    private static let countMax = 100

    /// Nil if it is no key set. Keys that are no good for us are passed over: issuers publish others too.
    init?(_ bytes: [UInt8]) {
        // Nil says it: what is no JSON is no key set.
        guard let json = try? JSON.parse(bytes), case .array(let keys) = json["keys"], keys.count <= Self.countMax
        else {
            return nil
        }
        // Each once and in one order: an issuer's servers may list them as each likes.
        let texts = Dictionary(keys.compactMap(IssuerKey.init).map { ($0.json.canonical, $0) }) { first, _ in first }
        self.keys = texts.sorted { $0.key < $1.key }.map(\.value)
    }

    /// As a key set, with nothing in it that does not count: the same keys always give the same text.
    var canonical: String { JSON.object(["keys": .array(self.keys.map(\.json))]).canonical }

    /// Whether any of them could have signed it; where not, the issuer may have new ones.
    func know(_ token: JSONWebToken) -> Bool { !self.keys.fitting(token.header).isEmpty }

    func key(for token: JSONWebToken) throws(SignInFault) -> IssuerKey {
        try SignInFault.wrapping { () throws(TokenFlaw) in try self.keys.key(for: token.header) }
    }

    /// By JWTKit, which may await. A node asks `IssuerKey.hasSigned` on its event loop, where nothing may; a test holds
    /// the two to each other.
    ///
    /// - Throws: `SignInFault.badToken` unless the token's signature is this key's.
    static func verify(_ token: JSONWebToken, by key: IssuerKey) async throws(SignInFault) {
        // Only what is public, and the algorithm that was found to fit: nothing in the token chooses another.
        let members = key.json.merging(["alg": .string(token.header.algorithm.rawValue), "kid": "k"])
        do {
            let jwk = try JSONDecoder().decode(JWK.self, from: Data(members.canonical.utf8))
            let keys = try await JWTKeyCollection().add(jwk: jwk, isDefault: true)
            _ = try await keys.verify(token.text, as: Unread.self)
        } catch {
            throw .badToken("its signature is not its issuer's")
        }
    }

    /// The claims were read before, strictly; here only the signature counts.
    private struct Unread: JWTPayload {
        func verify(using algorithm: some JWTAlgorithm) {}
    }
}

/// A JSON Web Key (RFC 7517), of whose members only those count that are in `IssuerKey`.
extension IssuerKey {
    fileprivate init?(_ json: JSON) {
        guard json["use"] == nil || json["use"] == "sig", let material = Material(json) else { return nil }
        let algorithm = json["alg"]?.string.flatMap(TokenAlgorithm.init)
        guard algorithm != nil || json["alg"] == nil else { return nil }
        let id = json["kid"]?.string ?? ""
        guard id.utf8.count <= Self.idLengthMax, !Form.holdsControls(id) else {
            return nil
        }
        self.init(id: id.isEmpty ? nil : id, algorithm: algorithm, material: material)
        guard self.isUsable else { return nil }
    }

    /// Bytes. Nodes refuse longer ones, and those with control characters.
    private static let idLengthMax = 256

    fileprivate var json: JSON {
        var members = self.material.members
        if let id = self.id { members["kid"] = .string(id) }
        if let algorithm = self.algorithm { members["alg"] = .string(algorithm.rawValue) }
        return .object(members)
    }
}

extension IssuerKey.Material {
    fileprivate init?(_ json: JSON) {
        func number(_ name: String) -> [UInt8]? { json[name]?.string.flatMap(Base64.decodeURL) }
        switch (json["kty"]?.string, json["crv"]?.string) {
        case ("RSA", _):
            guard let modulus = number("n"), let exponent = number("e") else { return nil }
            self = .rsa(modulus: modulus, exponent: exponent)
        case ("EC", let name?):
            guard let curve = IssuerKey.Curve(rawValue: name), let x = number("x"), let y = number("y"),
                max(x.count, y.count) <= curve.coordinateLength
            else { return nil }
            // Some issuers leave leading zeroes out, which RFC 7518, 6.2.1.2, forbids.
            func whole(_ number: [UInt8]) -> [UInt8] {
                Array(repeating: 0, count: curve.coordinateLength - number.count) + number
            }
            self = .elliptic(curve, x: whole(x), y: whole(y))
        case ("OKP", "Ed25519"):
            guard let x = number("x") else { return nil }
            self = .ed25519(x)
        default: return nil
        }
    }

    fileprivate var members: [String: JSON] {
        func text(_ number: [UInt8]) -> JSON { .string(Base64.encodeURL(number)) }
        return switch self {
        case .rsa(let modulus, let exponent): ["kty": "RSA", "n": text(modulus), "e": text(exponent)]
        case .elliptic(let curve, let x, let y):
            ["kty": "EC", "crv": .string(curve.rawValue), "x": text(x), "y": text(y)]
        case .ed25519(let x): ["kty": "OKP", "crv": "Ed25519", "x": text(x)]
        }
    }
}
