/// The page on which one shows a token, or leaves for an issuer.
struct SignInView {
    let status: Int
    let next: String?
    let error: String?
    /// Our names of those at which people may sign in.
    let issuers: [String]
    let address: ConsoleAddress?
    let assets: ConsoleAssets

    /// The same whatever is wrong: mistyped, unknown, expired, revoked.
    static let refused = "This token does not let you in."
    static let tooOften = "Too many tries from your address: wait a minute."

    /// Why a token that somebody typed does not let them in.
    static func sentence(ofToken fault: SignInFault) -> String {
        switch fault {
        case .badToken: self.refused
        case .silent, .misconfigured, .declined, .notBegun, .foreignAnswer, .changed, .nothingGranted:
            self.sentence(of: fault)
        }
    }

    static func sentence(of fault: SignInFault) -> String { "\(fault.problem.title): \(fault.problem.detail)." }

    func html(_ templates: Templates) -> String {
        var page = Page(
            "Sign in",
            in: nil,
            .signIn,
            [
                "next": self.next.map(JSON.string) ?? .null, "error": self.error.map(JSON.string) ?? .null,
                "issuers": .unlessEmpty(self.issuers.map { ["name": .string($0), "link": .string(self.link($0))] }),
            ]
        )
        page.status = self.status
        return Frame.alone(page, templates, self.assets)
    }

    /// At the address that the issuer sends people back to, where the cookie of the sign-in must be too.
    private func link(_ issuer: String) -> String {
        let path = Link.to(Link.to("sign-in", "begin"), query: ["issuer": issuer, "next": self.next])
        return self.address?.absolute(path) ?? path
    }
}
