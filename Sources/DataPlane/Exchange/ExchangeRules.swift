internal import Domain

/// What is the same for every exchange of a node: bounds, where credentials come from, and who lets through by the limits.
struct ExchangeRules: Sendable {
    let credentials: any Credentials
    let limits: any LimitKeeper
    var bounds = ExchangeBounds()
}

/// The bounds of the contract. Times that routes can set are in their `Timeouts`.
struct ExchangeBounds: Hashable, Sendable {
    /// Of one request's body.
    var bodyMax = 8 * 1_024 * 1_024
    /// A refused request's body is read off up to here, so that its connection can go on; beyond it is closed.
    var discardMax = 64 * 1_024
    /// A whole reply up to here is held, read and sent with its cost; a longer one passes as it comes.
    var heldMax = 256 * 1_024
    /// Of a longer whole reply that passes, so much is kept beside to read its usage at its end.
    var readableMax = 8 * 1_024 * 1_024
    /// Of an upstream's error, so much is read.
    var errorMax = 64 * 1_024
    /// From a request's head to its end.
    var requestMilliseconds: Int64 = 60_000
    /// How long an answer is read on after its caller hung up, for the sake of its token count.
    var drainMilliseconds: Int64 = 60_000
    /// A used connection that breaks so soon after a request had gone stale before it: the provider never saw it.
    var staleMilliseconds: Int64 = 1_000
}
