internal import Dialects
internal import Domain
internal import NIOCore

/// Step 6, Settle: what an attempt cost, told exactly once; and the one answer of an exchange that has none from a
/// provider.
extension LiveExchange {
    /// How an attempt ended: what became of it here, and what the provider's side came to.
    struct Result {
        let outcome: UsageEvent.Outcome
        let ending: Settlement.Ending
        var code: Fault.Code?
        let providerRequest: String

        init(_ outcome: UsageEvent.Outcome, _ ending: Settlement.Ending, providerRequest: String = "") {
            self.outcome = outcome
            self.ending = ending
            self.providerRequest = providerRequest
        }

        func with(_ code: Fault.Code) -> Result {
            var result = self
            result.code = code
            return result
        }
    }

    /// Tells the usage recorder that an attempt is about to go upstream, and what to count if nothing more is known.
    func note(_ attempt: borrowing Attempt, at now: Tick, _ out: inout ExchangeActions) {
        out.append(.begin(self.event(attempt, Result(.lost, .unseen), isLast: true, at: now)))
    }

    /// The only way out of an attempt.
    mutating func settle(
        _ attempt: consuming Attempt,
        _ result: Result,
        isLast: Bool,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        if attempt.sent == nil { self.note(attempt, at: now, &out) }  // it never got as far as a connection
        let event = self.event(attempt, result, isLast: isLast, at: now)
        var attempt = attempt
        if let reservation = attempt.reservation.take() { reservation.settle(cost: event.cost) }
        self.settle(attempt.pass.take(), event.tokens, isLast: isLast)
        out.append(.end(event))
    }

    /// The caller has gone and the answer is not read to its end.
    mutating func abandon(
        _ attempt: consuming Attempt,
        _ relay: Relay? = nil,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        out.append(.closeUpstream)
        let result = relay?.result(.cancelled) ?? Result(.cancelled, attempt.endingUnanswered)
        self.settle(attempt, result, isLast: true, at: now, &out)
        out.append(.settled)
    }

    func event(
        _ attempt: borrowing Attempt,
        _ result: Result,
        isLast: Bool,
        at now: Tick
    ) -> UsageEvent {
        let settlement = attempt.settlement(of: result)
        let planned = attempt.planned
        return UsageEvent(
            exchange: self.origin.id,
            attempt: attempt.number,
            isLast: isLast,
            admitted: self.origin.admitted,
            caller: attempt.admission.caller,
            target: UsageEvent.Target(
                route: attempt.admission.plan.route,
                model: planned.model.name,
                provider: planned.provider.name,
                priceVersion: planned.price.version,
                providerRequest: result.providerRequest,
                prompt: attempt.admission.prompt
            ),
            snapshot: self.snapshotVersion,
            tokens: settlement.tokens,
            tokenSource: settlement.source,
            cost: settlement.cost,
            latency: UsageEvent.Latency(
                firstToken: attempt.firstByte.map { $0.microseconds(since: attempt.began) },
                provider: now.microseconds(since: attempt.began),
                total: now.microseconds(since: self.origin.arrived)
            ),
            outcome: result.outcome,
            code: result.code,
            upstreamStatus: attempt.status,
            isStream: attempt.admission.isStream,
            isUnconfirmed: settlement.isUnconfirmed,
            postings: attempt.postings
        )
    }

    /// A refusal after a valid key is an event too, if it is one of an exchange with a model.
    func deny(
        _ fault: Fault,
        _ sender: Sender,
        _ route: Name<Route>?,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        guard sender.errand == .chat else { return }
        let metadata: TaskMetadata?
        do { metadata = try TaskMetadata(fields: sender.fields, subject: sender.application.subject) } catch {
            metadata = nil  // perhaps the very reason for the refusal
        }
        let caller = UsageEvent.Caller(
            application: sender.application.id,
            team: sender.application.team,
            user: metadata?.user ?? "",
            task: metadata?.task ?? "",
            metadata: metadata?.pairs ?? [:]
        )
        self.deny(fault, caller, route, at: now, &out)
    }

    func deny(
        _ fault: Fault,
        _ caller: UsageEvent.Caller,
        _ route: Name<Route>?,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        let total = now.microseconds(since: self.origin.arrived)
        let event = UsageEvent(
            exchange: self.origin.id,
            attempt: 0,
            isLast: true,
            admitted: self.origin.admitted,
            caller: caller,
            target: UsageEvent.Target(route: route),
            snapshot: self.snapshotVersion,
            tokens: .none,
            tokenSource: .counted,
            cost: .zero,
            latency: UsageEvent.Latency(firstToken: nil, provider: 0, total: total),
            outcome: .denied,
            code: fault.code,
            upstreamStatus: nil,
            isStream: false,
            isUnconfirmed: false
        )
        out.append(.deny(event))
    }

    private var snapshotVersion: SnapshotVersion {
        self.origin.snapshot?.version ?? SnapshotVersion(epoch: 0, sequence: 0, headVersion: 0)
    }

    // MARK: - Answers of our own

    /// The fault in the caller's dialect, as the one answer of this exchange.
    func answer(
        _ fault: Fault,
        headers: [ErrorBody.Header] = [],
        asked: AskedModel? = nil,
        retryAfterSeconds: Int? = nil,
        isWholeRequestRead: Bool = true,
        _ out: inout ExchangeActions
    ) {
        guard self.client.isListening else { return }
        let error = ErrorBody(fault, retryAfterSeconds: retryAfterSeconds, isBilled: self.wasBilled)
        var head = ReplyHead(status: error.status)
        self.sign(&head.fields, asked: asked)
        for header in error.headers + headers { head.fields.add(header.name, header.value) }
        head.fields.add("content-length", String(error.body.readableBytes))
        out.append(.replyHead(head))
        out.append(.replyBody(error.body))
        out.append(.replyEnd(isWholeRequestRead: isWholeRequestRead))
        out.append(.flush)
    }

    /// The head of a provider's reply as the caller gets it: nothing of theirs but its content type.
    func replyHead(_ upstream: ReplyHead, for attempt: borrowing Attempt, at now: Tick) -> ReplyHead {
        var head = ReplyHead(status: upstream.status)
        self.sign(&head.fields, asked: AskedModel(attempt))
        let node = attempt.began.microseconds(since: self.origin.arrived)
        let provider = now.microseconds(since: attempt.began)
        head.fields.add("server-timing") { value in
            value.writeStaticString("node;dur=")
            value.writeString(Self.inMilliseconds(node))
            value.writeStaticString(", provider;dur=")
            value.writeString(Self.inMilliseconds(provider))
        }
        if let index = upstream.fields.index(of: "content-type") {
            head.fields.add("content-type", valueAt: index, of: upstream.fields)
        } else {
            head.fields.add("content-type", "application/json")
        }
        return head
    }

    /// What every reply says of its exchange.
    func sign(_ fields: inout Fields, asked: AskedModel? = nil) {
        fields.reserve(14, bytes: 640)
        fields.add(self.origin.id)
        if let snapshot = self.origin.snapshot { fields.add("martlet-snapshot", snapshot.versionText) }
        if self.attempts > 0 { fields.add("martlet-attempts", String(self.attempts)) }
        if let asked {
            fields.add("martlet-model", asked.name.text)
            fields.add("martlet-provider", asked.provider.text)
            if let prompt = asked.prompt { fields.add("martlet-prompt", prompt.text) }
        }
        if let standing = self.standing { fields.add(standing) }
    }

    /// With three digits behind the point.
    private static func inMilliseconds(_ microseconds: Int64) -> String {
        DecimalText.write(UInt64(clamping: microseconds), places: 3, placesMin: 3)
    }
}

/// The model that answered, or was asked last.
struct AskedModel {
    let name: Name<Model>
    let provider: Name<Provider>
    let prompt: PromptChoice?

    init(_ attempt: borrowing Attempt) {
        self.prompt = attempt.admission.prompt
        self.name = attempt.planned.model.name
        self.provider = attempt.planned.provider.name
    }
}

extension Fields {
    /// The request's id under the names that SDKs look for.
    mutating func add(_ id: ID<Domain.Exchange>) {
        self.add("martlet-request-id", id.text)
        self.add("x-request-id", id.text)
        self.add("request-id", id.text)
    }
}

extension Attempt {
    func settlement(of result: LiveExchange.Result) -> Settlement {
        let bound = self.admission.bounds[self.index]
        let paid = self.coveredTokens.map { bound.cappedOutput(at: $0) } ?? bound
        return Settlement(of: result.ending, bound: paid, price: self.planned.price)
    }

    /// What its end comes to while nothing has come back.
    var endingUnanswered: Settlement.Ending { self.sent == nil ? .notSent : .unseen }
}
