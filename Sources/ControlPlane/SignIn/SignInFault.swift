import Domain

/// Why a token of an issuer's opens nothing.
enum SignInFault: Error, Hashable {
    /// It is not good, for this reason.
    case badToken(String)
    /// Nobody can say whether it is good: the issuer's keys cannot be had.
    case noKeys(Name<Issuer>, String)

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
        case .noKeys(let issuer, let reason):
            Problem(
                503,
                "issuer-unavailable",
                "The issuer's keys cannot be had",
                "the keys of the issuer \(issuer) cannot be fetched (\(reason)): try again in a while",
                headers: ["Retry-After": "10"]
            )
        }
    }
}
