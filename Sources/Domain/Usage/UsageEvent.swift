/// The record of one attempt: who, what, at what price, with which outcome. It is what moves money and what
/// every report is summed from. It never holds content.
package struct UsageEvent: Hashable, Sendable {
    package let exchange: ID<Exchange>
    /// 1, 2, 3 … within the exchange; 0 for an exchange that was denied before any attempt.
    package let attempt: UInt32
    /// Whether no further attempt of this exchange follows.
    package let isLast: Bool
    package let admitted: Timestamp
    package let caller: Caller
    package let target: Target
    package let snapshot: SnapshotVersion
    package let tokens: TokenCounts
    package let tokenSource: TokenCounts.Source
    package let cost: Money
    package let latency: Latency
    package let outcome: Outcome
    /// The fault's code where the outcome is not `answered`.
    package let code: Fault.Code?
    /// The status of the provider's reply, if one came.
    package let upstreamStatus: UInt32?
    package let isStream: Bool
    /// The node cannot prove what the provider bills: a crash, a cut or a time-out hid the count.
    package let isUnconfirmed: Bool
    /// The leases that paid for it; empty where no budget matched.
    package let postings: [LeasePosting]

    package init(
        exchange: ID<Exchange>,
        attempt: UInt32,
        isLast: Bool,
        admitted: Timestamp,
        caller: Caller,
        target: Target,
        snapshot: SnapshotVersion,
        tokens: TokenCounts,
        tokenSource: TokenCounts.Source,
        cost: Money,
        latency: Latency,
        outcome: Outcome,
        code: Fault.Code?,
        upstreamStatus: UInt32?,
        isStream: Bool,
        isUnconfirmed: Bool,
        postings: [LeasePosting] = []
    ) {
        self.exchange = exchange
        self.attempt = attempt
        self.isLast = isLast
        self.admitted = admitted
        self.caller = caller
        self.target = target
        self.snapshot = snapshot
        self.tokens = tokens
        self.tokenSource = tokenSource
        self.cost = cost
        self.latency = latency
        self.outcome = outcome
        self.code = code
        self.upstreamStatus = upstreamStatus
        self.isStream = isStream
        self.isUnconfirmed = isUnconfirmed
        self.postings = postings
    }

    /// The node saw for itself that no provider got to bill anything: so no fee is due either.
    package var isUnbilled: Bool { self.tokenSource == .counted && self.tokens == .none }

    package struct Caller: Hashable, Sendable {
        /// Reports and the wire call it `key`.
        package let application: ApplicationID
        package let team: Name<Team>
        /// As the request gave it, else whom its token is about; empty for a key whose request names none.
        package let user: String
        package let task: String
        package let metadata: [String: String]

        package init(
            application: ApplicationID,
            team: Name<Team>,
            user: String = "",
            task: String = "",
            metadata: [String: String] = [:]
        ) {
            self.application = application
            self.team = team
            self.user = user
            self.task = task
            self.metadata = metadata
        }
    }

    /// What was called. A denial may have no route, and has no model.
    package struct Target: Hashable, Sendable {
        package let route: Name<Route>?
        package let model: Name<Model>?
        package let provider: Name<Provider>?
        package let priceVersion: UInt32?
        /// The provider's own id of the answer; empty if it gave none.
        package let providerRequest: String
        /// The prompt by name that it ran with.
        package let prompt: PromptChoice?

        package init(
            route: Name<Route>?,
            model: Name<Model>? = nil,
            provider: Name<Provider>? = nil,
            priceVersion: UInt32? = nil,
            providerRequest: String = "",
            prompt: PromptChoice? = nil
        ) {
            self.route = route
            self.model = model
            self.provider = provider
            self.priceVersion = priceVersion
            self.providerRequest = providerRequest
            self.prompt = prompt
        }
    }

    /// In microseconds. `firstToken` counts from the attempt's start and is nil if nothing came.
    package struct Latency: Hashable, Sendable {
        package let firstToken: Int64?
        /// From the attempt's start to its end.
        package let provider: Int64
        /// From the request's arrival to the end of this attempt.
        package let total: Int64

        package init(firstToken: Int64?, provider: Int64, total: Int64) {
            self.firstToken = firstToken
            self.provider = provider
            self.total = total
        }
    }

    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        /// A whole answer reached the node.
        case answered
        /// The node said no; nothing was sent to a provider.
        case denied
        /// The provider refused or failed, or could not be reached.
        case failed
        /// The provider did not answer in time.
        case timedOut = "timed_out"
        /// The answer broke off.
        case cut
        /// The caller hung up and the attempt was not read to its end.
        case cancelled
        /// The node died with the attempt in flight; written by its next start.
        case lost
    }
}

/// One request and its answer on their way through a node.
package enum Exchange {}
