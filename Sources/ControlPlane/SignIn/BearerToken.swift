import Domain
import Foundation

/// A JSON Web Token (RFC 7519) as it was sent: read, and not believed.
struct BearerToken {
    let text: String
    let algorithm: Algorithm
    /// Nil if its header names no key.
    let keyID: String?
    let claims: Claims

    static let bytesMax = 16 << 10

    /// The algorithms of RFC 7518 and RFC 8037 that need a private key to sign. `none` is none of them, and neither is
    /// HMAC, for which the public key that everybody can read would be the secret.
    enum Algorithm: String, CaseIterable {
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

        /// The type of key, and its curve, that this algorithm is for (RFC 7518, 6.1).
        var key: (type: String, curve: String?) {
            switch self {
            case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: ("RSA", nil)
            case .es256: ("EC", "P-256")
            case .es384: ("EC", "P-384")
            case .es512: ("EC", "P-521")
            case .edDSA: ("OKP", "Ed25519")
            }
        }
    }

    init(_ text: String) throws(SignInFault) {
        guard text.utf8.count <= Self.bytesMax else { throw .badToken("it is longer than \(Self.bytesMax) bytes") }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.json(parts[0]), let payload = Self.json(parts[1]) else {
            throw .badToken("it is not three parts in base64url with JSON in the first two")
        }
        guard let algorithm = header["alg"]?.string.flatMap(Algorithm.init) else {
            let words = Algorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badToken("its algorithm is none of \(words)")
        }
        // Extensions that must be understood (RFC 7515, 4.1.11): none is.
        guard header["crit"] == nil else { throw .badToken("its header asks for extensions that are not known here") }
        self.text = text
        self.algorithm = algorithm
        self.keyID = header["kid"]?.string
        self.claims = Claims(payload)
    }

    private static func json(_ part: Substring) -> JSON? {
        // Nil says it: the caller's sentence names what a token is made of.
        guard let bytes = Base64URL.decode(part), let json = try? JSON.parse(bytes), case .object = json else {
            return nil
        }
        return json
    }
}

/// What a token says.
struct Claims {
    private let members: JSON

    init(_ members: JSON) { self.members = members }

    subscript(_ name: String) -> JSON? { self.members[name] }

    var issuer: String { self["iss"]?.string ?? "" }

    /// A claim that says who somebody is. An address that nobody has proved to be theirs (`email_verified`, OpenID Connect
    /// Core 1.0, 5.1) is anybody's: it says nothing.
    func proven(_ name: String) -> JSON? {
        let isProven = name != "email" || self["email_verified"] == true || self["email_verified"]?.string == "true"
        return isProven ? self[name] : nil
    }

    /// One text, or one of a list.
    func holds(_ value: String, under name: String) -> Bool {
        switch self.proven(name) {
        case .string(let text): text == value
        case .array(let elements): elements.contains(.string(value))
        case nil, .null, .bool, .number, .object: false
        }
    }

    /// Clocks of two machines differ.
    static let leewaySeconds: Int64 = 60

    /// Nil if it holds at `now`: it must end, and may have a begin.
    func untimely(at now: Timestamp) -> String? {
        let second = now.unixMilliseconds / 1_000
        guard let end = self.seconds("exp") else { return "it has no end (exp)" }
        if second >= end + Self.leewaySeconds { return "it has expired" }
        for name in ["nbf", "iat"] where self[name] != nil {
            guard let begin = self.seconds(name) else { return "its \(name) is no time" }
            if begin > second + Self.leewaySeconds { return "it is not good yet (\(name))" }
        }
        return nil
    }

    /// Whole seconds, also of a fraction; nil for what is no number or beyond all times.
    private func seconds(_ name: String) -> Int64? {
        guard case .number(let digits) = self[name], let number = Double(digits), abs(number) < 1e12 else { return nil }
        return Int64(number)
    }
}

/// RFC 4648, section 5, without padding.
enum Base64URL {
    static func decode(_ text: Substring) -> [UInt8]? {
        guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") })
        else {
            return nil
        }
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        let padded = String(plain) + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: padded).map(Array.init)
    }
}
