import HTTPTypes
import Hummingbird

/// A cookie as it is set; an empty one is taken away. `Lax`, so that a link in a message leads somewhere and an
/// issuer's answer finds who asked: every deed is a form with a token of its session, from a page of ours.
struct ConsoleCookie {
    private let use: Use
    private let value: String
    private let isSecure: Bool

    /// What for.
    enum Use {
        case session
        /// Binds a sign-in at an issuer to the browser that began it, as long as that is awaited.
        case signIn
    }

    static func session(_ value: String, isSecure: Bool) -> ConsoleCookie {
        ConsoleCookie(use: .session, value: value, isSecure: isSecure)
    }

    static func signIn(_ value: String, isSecure: Bool) -> ConsoleCookie {
        ConsoleCookie(use: .signIn, value: value, isSecure: isSecure)
    }

    /// With TLS such that browsers take it from this very host only (RFC 6265bis, 4.1.3.2): else a host beside it, or
    /// whoever answers for it without TLS, could plant the cookie of a session or a sign-in of their own.
    static func name(_ use: Use, isSecure: Bool) -> String { isSecure ? "__Host-\(use.name)" : use.name }

    fileprivate var text: String {
        // The prefix demands `/`.
        let path = self.isSecure ? "/" : self.use.path
        var parts = ["\(Self.name(self.use, isSecure: self.isSecure))=\(self.value)", "Path=\(path)"]
        parts += ["HttpOnly", "SameSite=Lax"]
        if let life = self.value.isEmpty ? 0 : self.use.lifeSeconds { parts.append("Max-Age=\(life)") }
        if self.isSecure { parts.append("Secure") }
        return parts.joined(separator: "; ")
    }
}

extension ConsoleCookie.Use {
    fileprivate var name: String {
        switch self {
        case .session: "martlet_console"
        case .signIn: "martlet_sign_in"
        }
    }

    fileprivate var path: String {
        switch self {
        case .session: Link.root
        case .signIn: Link.to("sign-in")
        }
    }

    /// Nil for one that goes with the browser.
    fileprivate var lifeSeconds: Int64? {
        switch self {
        case .session: nil
        case .signIn: PendingFlows.lifeMilliseconds / 1_000
        }
    }
}

extension Response {
    mutating func set(_ cookie: ConsoleCookie) {
        self.headers.append(HTTPField(name: .setCookie, value: cookie.text))
    }
}
