package import Domain
import Storage

/// As what an issuer knows the console: people sign in to it there (OpenID Connect Core 1.0, 3.1).
package struct ConsoleClient: Hashable, Sendable {
    package let clientID: String
    /// What the console proves itself with; nil: it is a public client, and PKCE alone protects its codes.
    package let secret: Name<Secret>?
    /// What is asked for: always `openid`, and what else puts the claims of the rules into the token.
    package let scopes: [String]

    private static let scopesMax = 20

    init?(_ form: inout Form) {
        let clientID = form.text("clientId")
        let secret = form.value("secret") == nil ? nil : form.name("secret", of: Secret.self)
        let scopes = form.list("scopes", countMax: Self.scopesMax, "must be a scope of 1 to 128 bytes") {
            Self.isScope($0) ? $0 : nil
        }
        form.finish()
        guard let clientID, let scopes, form.isGood else { return nil }
        self.clientID = clientID
        self.secret = secret
        self.scopes = [Self.openID] + scopes.filter { $0 != Self.openID }
    }

    private static let openID = "openid"

    /// RFC 6749, 3.3.
    private static func isScope(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    var json: JSON {
        var members: [String: JSON] = [
            "clientId": .string(self.clientID), "scopes": .array(self.scopes.map(JSON.string)),
        ]
        if let secret = self.secret { members["secret"] = .string(secret.text) }
        return .object(members)
    }

    /// Of the issuer that it stands in.
    var references: [Reference] {
        self.secret.map { [Reference(pointer: "/console/secret", kind: .secrets, name: $0.text)] } ?? []
    }
}
