/// A public key that an issuer signs tokens with, and what it is meant for: a JSON Web Key (RFC 7517) as values.
package struct IssuerKey: Hashable, Sendable {
    /// `kid`; nil if it has none.
    package let id: String?
    /// Nil: every algorithm for keys of its type.
    package let algorithm: TokenAlgorithm?
    package let material: Material

    /// What it is made of, big-endian.
    package enum Material: Hashable, Sendable {
        case rsa(modulus: [UInt8], exponent: [UInt8])
        case elliptic(Curve, x: [UInt8], y: [UInt8])
        case ed25519([UInt8])

        package var keyType: KeyType {
            switch self {
            case .rsa: .rsa
            case .elliptic(let curve, _, _): .elliptic(curve)
            case .ed25519: .ed25519
            }
        }
    }

    /// What an algorithm is for (RFC 7518, 6.1; RFC 8037, 2).
    package enum KeyType: Hashable, Sendable {
        case rsa
        case elliptic(Curve)
        case ed25519
    }

    package enum Curve: String, Hashable, Sendable, CaseIterable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"

        /// Bytes of one coordinate (RFC 7518, 6.2.1.2).
        package var coordinateLength: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            }
        }
    }

    package init(id: String?, algorithm: TokenAlgorithm?, material: Material) {
        self.id = id
        self.algorithm = algorithm
        self.material = material
    }

    /// A key says what it is for; a token does not choose.
    package func fits(_ algorithm: TokenAlgorithm) -> Bool {
        (self.algorithm ?? algorithm) == algorithm && algorithm.keyType == self.material.keyType
    }
}

extension [IssuerKey] {
    /// Those that a token with this header can be signed with; where there is none, the issuer may have new ones.
    package func fitting(_ header: TokenHeader) -> [IssuerKey] {
        self.filter { ($0.id == header.keyID || header.keyID == nil) && $0.fits(header.algorithm) }
    }

    /// The one key that it can be signed with. A token that names no key is good for an issuer that has but one.
    package func key(for header: TokenHeader) throws(TokenFlaw) -> IssuerKey {
        let fitting = self.fitting(header)
        guard let key = fitting.first else {
            throw TokenFlaw("its issuer publishes no such key for its algorithm")
        }
        guard fitting.count == 1 else {
            throw TokenFlaw("several keys of its issuer could have signed it: it must name one")
        }
        return key
    }
}
