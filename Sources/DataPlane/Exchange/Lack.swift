internal import Domain
internal import NIOCore

/// What a node can run out of.
enum Lack: Hashable, CaseIterable {
    /// It holds as much of requests and replies as it may.
    case memory
    /// It serves as many exchanges as it may.
    case places
    /// It serves as many of this application as it may.
    case placesOfApplication
    /// It holds as much of this application's requests as it may.
    case memoryOfApplication
    /// It has more to do than it can.
    case time
}

extension LiveExchange {
    /// What is held of the provider's answer, beside what was sent on.
    var replyBytesHeld: Int {
        switch self.state {
        case .holding(_, let held): held.body.readableBytes
        case .relaying(_, let relay): relay.bytesHeld
        default: 0
        }
    }

    /// The node has not what this exchange needs. Before anything was sent to a provider the caller is told; later
    /// only what is nice to have is given up: the cost in the reply's head, and the provider's count of a long answer.
    /// A stream whose event does not end is broken off: there is no other way to go on.
    mutating func foundNo(_ lack: Lack, at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .collecting(let collecting): self.refuse(collecting, lack, at: now, &out)
        case .holding(let attempt, let held):
            if held.isRefusal {
                out.append(.closeUpstream)
                self.failRefused(attempt, held, at: now, &out)
            } else {
                self.passUnkept(attempt, held, at: now, &out)
            }
        case .relaying(let attempt, let relay):
            switch relay.kind {
            case .stream where lack == .memory:
                out.append(.closeUpstream)
                self.breakOff(attempt, relay, lack.fault, .failed, at: now, &out)
            case .stream: self.state = .relaying(attempt, relay)
            case .whole:
                relay.kind = .whole(kept: nil)
                self.state = .relaying(attempt, relay)
            }
        case let other: self.state = other
        }
    }

    private mutating func refuse(
        _ collecting: Collecting,
        _ lack: Lack,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        guard !lack.isOfMemory, !collecting.waitsForConsent else {
            return self.turnAway(collecting, lack.fault, at: now, &out)
        }
        // The rest is read off, so that its connection lives on: callers that all connect anew would be one more burden.
        self.deny(lack.fault, collecting.sender, nil, at: now, &out)
        self.state = .refusing(Refusing(refusal: Refusal(lack.fault), deadline: collecting.deadline))
    }

    private mutating func passUnkept(
        _ attempt: consuming Attempt,
        _ held: Held,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        let relay = Relay(held.head, .whole(kept: nil), asksForUsage: false, at: now)
        self.beginReply(attempt, relay, &out)
        self.passOn(held.body, &out)
        self.state = .relaying(attempt, relay)
    }
}

extension Lack {
    fileprivate var fault: Fault {
        switch self {
        case .memory: Self.overloaded("This node holds as much of requests and replies as it may.")
        case .places: Self.overloaded("This node serves as many requests as it may.")
        case .time: Self.overloaded("This node has more to do than it can.")
        case .placesOfApplication: Self.tooManyOfApplication("serves as many requests of your application at once")
        case .memoryOfApplication:
            Self.tooManyOfApplication("holds as much of the requests of your application at once")
        }
    }

    /// The request's body cannot be taken: there is no use in reading the rest of it.
    fileprivate var isOfMemory: Bool { self == .memory || self == .memoryOfApplication }

    private static func tooManyOfApplication(_ what: String) -> Fault {
        Fault(
            .rateLimitExceeded,
            from: .node,
            retry: .later(afterSeconds: 1),
            "This node \(what) as it may. Wait for some to end."
        )
    }

    private static func overloaded(_ why: String) -> Fault {
        Fault(.overloaded, from: .node, retry: .later(afterSeconds: 2), "\(why) Come again in a moment.")
    }
}
