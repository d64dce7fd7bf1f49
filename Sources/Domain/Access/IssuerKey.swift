/// A public key that an issuer signs tokens with, and what it is meant for: a JSON Web Key (RFC 7517) as values.
package struct IssuerKey: Hashable, Sendable {
    /// `kid`; nil if it has none.
    package let id: String?
    /// Nil: every algorithm for keys of its type.
    package let algorithm: TokenAlgorithm?
    package let numbers: Numbers

    /// Big-endian.
    package enum Numbers: Hashable, Sendable {
        case rsa(modulus: [UInt8], exponent: [UInt8])
        case elliptic(Curve, x: [UInt8], y: [UInt8])
        case ed25519([UInt8])
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

    package init(id: String?, algorithm: TokenAlgorithm?, numbers: Numbers) {
        self.id = id
        self.algorithm = algorithm
        self.numbers = numbers
    }

    /// A key says what it is for; a token does not choose.
    package func fits(_ algorithm: TokenAlgorithm) -> Bool {
        (self.algorithm ?? algorithm) == algorithm && algorithm.key == self.kind
    }

    private var kind: (type: String, curve: String?) {
        switch self.numbers {
        case .rsa: ("RSA", nil)
        case .elliptic(let curve, _, _): ("EC", curve.rawValue)
        case .ed25519: ("OKP", "Ed25519")
        }
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
