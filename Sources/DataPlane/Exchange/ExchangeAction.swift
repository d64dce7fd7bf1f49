internal import Domain
internal import NIOCore

/// What the shell does next, in this order. The machine never does any of it itself.
enum ExchangeAction {
    // Towards the client.
    /// The head of the one reply. Exactly one of `replyEnd` and `cutReply` follows, unless the client has gone.
    indirect case replyHead(ReplyHead)
    case replyBody(ByteBuffer)
    /// The reply is over. `isWholeRequestRead` is false where the rest of the request was not waited for.
    case replyEnd(isWholeRequestRead: Bool)
    case flush
    /// The connection is closed short of the reply's length or last chunk, so that it cannot look whole.
    case cutReply

    // Money.
    /// Hold all of these, or nothing. One of `reserved` and `foundUnaffordable` follows, at once or later.
    case reserve([Purse.Claim])
    /// Wait for these beside what is held. If they come, `reservedMore` follows.
    case reserveMore([Purse.Claim])

    // Towards the provider.
    case connect(Endpoint, ConnectionPool.Wanted, timeoutMilliseconds: Int64)
    indirect case send(RequestHead, [ByteBuffer])
    case readUpstream
    /// The reply has been read to its end: the connection may serve others.
    case giveBackUpstream
    case closeUpstream

    // Usage. Every `begin` is followed by exactly one `end`.
    indirect case begin(UsageEvent)
    indirect case end(UsageEvent)
    /// The attempt that has begun may cost more than was said then.
    indirect case grow(UsageEvent)
    indirect case deny(UsageEvent)

    /// The exchange is one of this application's until it is settled. Call `foundNo` where there is no place for it;
    /// else, if it `invites`, tell the client to go on: it waits for that before it sends its body.
    case occupy(ApplicationID, invites: Bool)
    /// Nothing will be tried again: the request's body is not needed any more.
    case dropBody
    /// Call `woke` no later than soon after this time. Waking early does no harm.
    case wake(at: Tick)
    /// Nothing follows, ever.
    case settled
}

/// What one event led to. Made once per exchange and emptied by the shell, so that a chunk allocates nothing.
typealias ExchangeActions = [ExchangeAction]
