import Domain

/// Why nobody is let in who comes from an issuer.
enum SignInFault: Error, Hashable {
    /// The token is not good, for this reason.
    case badToken(String)
    /// Nobody can say whether somebody is good: the issuer cannot be asked, for this reason, which is for the log.
    case silent(String)
    /// Our client at the issuer is not set up, for this reason, which is for the log.
    case misconfigured(String)
    /// The issuer said no, in these words.
    case declined(String)
    /// What came back belongs to no sign-in that this browser has begun.
    case notBegun
    /// What came back is another issuer's than the one that was asked, or does not say whose it is where it must.
    case foreignAnswer
    /// The issuer was changed while somebody was there.
    case changed
    /// No rule fits whoever is called this.
    case nothingGranted(String)

    /// What the rules of tokens find wrong with one.
    static func wrapping<Value>(_ rule: () throws(TokenFlaw) -> Value) throws(SignInFault) -> Value {
        do { return try rule() } catch { throw .badToken(error.reason) }
    }

    /// Whether whoever wanted to be let in has failed: not where an issuer is silent, or we ourselves are not set up.
    var countsAsFailure: Bool {
        switch self {
        case .silent, .misconfigured: false
        case .badToken, .declined, .notBegun, .foreignAnswer, .changed, .nothingGranted: true
        }
    }

    var problem: Problem {
        switch self {
        case .badToken(let reason):
            Problem(
                401,
                "bad-token",
                "The token is not good",
                "the JSON web token opens nothing: \(reason)",
                headers: ["WWW-Authenticate": "Bearer realm=\"martlet\", error=\"invalid_token\""]
            )
        case .silent:
            Problem(
                503,
                "issuer-unavailable",
                "The issuer does not answer",
                "nobody can say now who you are: try again in a while",
                headers: ["Retry-After": "10"]
            )
        case .misconfigured:
            Problem(
                503,
                "issuer-misconfigured",
                "Signing in at this issuer is not set up",
                "the log says why; tell an administrator"
            )
        case .declined(let words): Problem(403, "declined", "The issuer has not signed you in", "it says: \(words)")
        case .notBegun, .foreignAnswer:
            Problem(
                403,
                "not-begun",
                "This sign-in is over",
                "it was begun too long ago, in another browser or tab, or is finished: begin again"
            )
        case .changed: Problem(403, "issuer-changed", "The issuer was changed meanwhile", "begin again")
        case .nothingGranted(let name):
            Problem(403, "nothing-granted", "You may do nothing here", "no rule fits \(name): ask an administrator")
        }
    }
}
