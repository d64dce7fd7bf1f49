import HTTPTypes
import Hummingbird

/// A cookie as it is set; an empty one is taken away. `Lax`, so that a link in a message leads somewhere and an
/// issuer's answer finds who asked: every deed is a form with a token of its session, from a page of ours.
struct ConsoleCookie {
    private let name: String
    private let value: String
    private let path: String
    private let lifeSeconds: Int64?
    private let isSecure: Bool

    static let sessionName = "martlet_console"
    static let signInName = "martlet_sign_in"

    static func session(_ value: String, isSecure: Bool) -> ConsoleCookie {
        ConsoleCookie(name: Self.sessionName, value: value, path: Link.root, lifeSeconds: nil, isSecure: isSecure)
    }

    /// Binds a sign-in at an issuer to the browser that began it, as long as that is awaited.
    static func signIn(_ value: String, isSecure: Bool) -> ConsoleCookie {
        ConsoleCookie(
            name: Self.signInName,
            value: value,
            path: Link.to("sign-in"),
            lifeSeconds: PendingFlows.lifeMilliseconds / 1_000,
            isSecure: isSecure
        )
    }

    fileprivate var text: String {
        var parts = ["\(self.name)=\(self.value)", "Path=\(self.path)", "HttpOnly", "SameSite=Lax"]
        if let life = self.value.isEmpty ? 0 : self.lifeSeconds { parts.append("Max-Age=\(life)") }
        if self.isSecure { parts.append("Secure") }
        return parts.joined(separator: "; ")
    }
}

extension Response {
    mutating func set(_ cookie: ConsoleCookie) {
        self.headers.append(HTTPField(name: .setCookie, value: cookie.text))
    }
}
