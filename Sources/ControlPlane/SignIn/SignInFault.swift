import Domain

/// Why a token of an issuer's opens nothing.
enum SignInFault: Error, Hashable {
    /// It is not good, for this reason.
    case badToken(String)
    /// Nobody can say whether it is good: the issuer's keys cannot be had, for this reason, which is for the log.
    case noKeys(String)

    /// What the rules of tokens find wrong with one.
    static func reading<Value>(_ rule: () throws(TokenFlaw) -> Value) throws(SignInFault) -> Value {
        do { return try rule() } catch { throw .badToken(error.reason) }
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
        case .noKeys:
            Problem(
                503,
                "issuer-unavailable",
                "The issuer's keys cannot be had",
                "nobody can say now whether the token is good: try again in a while",
                headers: ["Retry-After": "10"]
            )
        }
    }
}
