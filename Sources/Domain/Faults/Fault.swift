/// Why a request failed, in the terms that its caller and the retry loop need.
///
/// One type for everything that can go wrong on the way of a request; each front translates it to its own
/// envelope in one place.
package struct Fault: Error, Hashable, Sendable {
    package let code: Code
    /// The HTTP status: the code's own, except where an upstream's answer is passed on.
    package let status: Int
    package let origin: Origin
    package let retry: Retry
    /// For the caller: a sentence that says what to do. Never holds a prompt, a reply or a key.
    package let message: String
    /// The field or header at fault, where there is one.
    package let parameter: String?

    package init(
        _ code: Code,
        status: Int? = nil,
        from origin: Origin = .client,
        retry: Retry = .never,
        parameter: String? = nil,
        _ message: String
    ) {
        self.code = code
        self.status = status ?? code.status
        self.origin = origin
        self.retry = retry
        self.message = message
        self.parameter = parameter
    }

    /// Whose fault it is.
    package enum Origin: String, Hashable, Sendable {
        case client
        case node
        case upstream
    }

    package enum Retry: Hashable, Sendable {
        case never
        /// Another attempt of the same exchange may succeed elsewhere.
        case onAnotherModel
        /// The caller may come again after so long.
        case later(afterSeconds: Int)
    }

    /// The codes of the contract, as callers see them. Each has one HTTP status.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case invalidRequest = "invalid_request"
        case contextLengthExceeded = "context_length_exceeded"
        case unsupportedState = "unsupported_state"
        case invalidAPIKey = "invalid_api_key"
        case budgetExceeded = "budget_exceeded"
        case modelNotAllowed = "model_not_allowed"
        case policyDenied = "policy_denied"
        case modelNotFound = "model_not_found"
        case promptNotFound = "prompt_not_found"
        case requestTimeout = "request_timeout"
        case requestTooLarge = "request_too_large"
        case unsupportedEncoding = "unsupported_encoding"
        case rateLimitExceeded = "rate_limit_exceeded"
        case upstreamRateLimited = "upstream_rate_limited"
        case upstreamError = "upstream_error"
        case upstreamTimeout = "upstream_timeout"
        case notReady = "not_ready"
        case overloaded
        case budgetUnavailable = "budget_unavailable"

        /// The HTTP status of the contract.
        package var status: Int {
            switch self {
            case .invalidRequest, .contextLengthExceeded, .unsupportedState: 400
            case .invalidAPIKey: 401
            case .budgetExceeded: 402
            case .modelNotAllowed, .policyDenied: 403
            case .modelNotFound, .promptNotFound: 404
            case .requestTimeout: 408
            case .requestTooLarge: 413
            case .unsupportedEncoding: 415
            case .rateLimitExceeded, .upstreamRateLimited: 429
            case .upstreamError: 502
            case .upstreamTimeout: 504
            case .notReady, .overloaded, .budgetUnavailable: 503
            }
        }
    }
}
