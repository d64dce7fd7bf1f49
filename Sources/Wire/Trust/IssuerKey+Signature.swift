internal import Crypto
internal import CryptoExtras
package import Domain
internal import FoundationEssentials

extension IssuerKey {
    /// Whether `signature` over `bytes` is this key's, in the form of RFC 7518, 3.3 to 3.5, or RFC 8037, 3.1. A key
    /// that cannot be one (a point beside its curve, an RSA key under 2,048 bits) has signed nothing.
    ///
    /// For event loops, where nothing may await: the control plane, which may, has JWTKit say it, and a test holds the
    /// two to each other. The key is made anew each time: 10 to 30 µs, where its signature takes 30 to 200.
    package func hasSigned(_ bytes: [UInt8], _ signature: [UInt8], by algorithm: TokenAlgorithm) -> Bool {
        guard self.fits(algorithm) else { return false }
        do {
            return switch self.material {
            case .rsa(let modulus, let exponent):
                Self.rsa(try _RSA.Signing.PublicKey(n: modulus, e: exponent), bytes, signature, by: algorithm)
            case .elliptic(let curve, let x, let y): try Self.elliptic(curve, x + y, bytes, signature)
            case .ed25519(let x):
                try Curve25519.Signing.PublicKey(rawRepresentation: x).isValidSignature(signature, for: bytes)
            }
        } catch {
            return false
        }
    }

    /// Whether it can be a key at all.
    package var isUsable: Bool {
        do {
            switch self.material {
            case .rsa(let modulus, let exponent): _ = try _RSA.Signing.PublicKey(n: modulus, e: exponent)
            case .elliptic(.p256, let x, let y): _ = try P256.Signing.PublicKey(rawRepresentation: x + y)
            case .elliptic(.p384, let x, let y): _ = try P384.Signing.PublicKey(rawRepresentation: x + y)
            case .elliptic(.p521, let x, let y): _ = try P521.Signing.PublicKey(rawRepresentation: x + y)
            case .ed25519(let x): _ = try Curve25519.Signing.PublicKey(rawRepresentation: x)
            }
            return true
        } catch {
            return false
        }
    }

    private static func rsa(
        _ key: _RSA.Signing.PublicKey,
        _ bytes: [UInt8],
        _ signature: [UInt8],
        by algorithm: TokenAlgorithm
    ) -> Bool {
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        return switch algorithm {
        case .rs256: key.isValidSignature(signature, for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case .rs384: key.isValidSignature(signature, for: SHA384.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case .rs512: key.isValidSignature(signature, for: SHA512.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case .ps256: key.isValidSignature(signature, for: SHA256.hash(data: bytes), padding: .PSS)
        case .ps384: key.isValidSignature(signature, for: SHA384.hash(data: bytes), padding: .PSS)
        case .ps512: key.isValidSignature(signature, for: SHA512.hash(data: bytes), padding: .PSS)
        case .es256, .es384, .es512, .edDSA: false
        }
    }

    private static func elliptic(
        _ curve: Curve,
        _ point: [UInt8],
        _ bytes: [UInt8],
        _ signature: [UInt8]
    ) throws -> Bool {
        switch curve {
        case .p256:
            try P256.Signing.PublicKey(rawRepresentation: point)
                .isValidSignature(P256.Signing.ECDSASignature(rawRepresentation: signature), for: bytes)
        case .p384:
            try P384.Signing.PublicKey(rawRepresentation: point)
                .isValidSignature(P384.Signing.ECDSASignature(rawRepresentation: signature), for: bytes)
        case .p521:
            try P521.Signing.PublicKey(rawRepresentation: point)
                .isValidSignature(P521.Signing.ECDSASignature(rawRepresentation: signature), for: bytes)
        }
    }
}
