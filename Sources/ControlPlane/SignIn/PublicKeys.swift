import Foundation
import JWTKit

/// The keys that an issuer publishes (a JWK set, RFC 7517), each for what it is meant for.
struct PublicKeys: Hashable {
    private let keys: [JSON]

    private static let countMax = 100

    /// Nil if it is no key set. Keys that are no good for us are passed over: issuers publish others too.
    init?(_ bytes: [UInt8]) {
        // Nil says it: what is no JSON is no key set.
        guard let json = try? JSON.parse(bytes), case .array(let keys) = json["keys"], keys.count <= Self.countMax
        else {
            return nil
        }
        self.keys = keys.filter { $0["use"] == nil || $0["use"] == "sig" }
    }

    /// Whether any of them could have signed it; where not, the issuer may have new ones.
    func know(_ token: BearerToken) -> Bool { !self.fitting(token).isEmpty }

    private func fitting(_ token: BearerToken) -> [JSON] {
        self.keys.filter { key in
            (token.keyID == nil || key["kid"]?.string == token.keyID) && Self.fits(key, token.algorithm)
        }
    }

    /// The one key that this token can be signed with. A token that names no key is good for an issuer that has but one.
    func key(for token: BearerToken) throws(SignInFault) -> JSON {
        let fitting = self.fitting(token)
        guard let key = fitting.first else { throw .badToken("its issuer publishes no such key for its algorithm") }
        guard fitting.count == 1 else {
            throw .badToken("several keys of its issuer could have signed it: it must name one")
        }
        return key
    }

    /// A key says what it is for; a token does not choose.
    private static func fits(_ key: JSON, _ algorithm: BearerToken.Algorithm) -> Bool {
        let (type, curve) = algorithm.key
        guard key["kty"]?.string == type, curve == nil || key["crv"]?.string == curve else { return false }
        return key["alg"] == nil || key["alg"]?.string == algorithm.rawValue
    }

    /// - Throws: `SignInFault.badToken` unless the token's signature is this key's.
    static func verify(_ token: BearerToken, by key: JSON) async throws(SignInFault) {
        // Only what is public, and the algorithm that was found to fit: nothing in the token chooses another.
        var members: [String: JSON] = ["alg": .string(token.algorithm.rawValue), "kid": "k"]
        for name in ["kty", "n", "e", "crv", "x", "y"] { members[name] = key[name] }
        do {
            let jwk = try JSONDecoder().decode(JWK.self, from: Data(JSON.object(members).canonical.utf8))
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
