/// How a JSON Web Token is signed: the algorithms of RFC 7518 and RFC 8037 that need a private key.
///
/// `none` is none of them, and neither is HMAC, for which the public key that everybody can read would be the secret.
package enum TokenAlgorithm: String, Hashable, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    package var keyType: IssuerKey.KeyType {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: .rsa
        case .es256: .elliptic(.p256)
        case .es384: .elliptic(.p384)
        case .es512: .elliptic(.p521)
        case .edDSA: .ed25519
        }
    }
}
