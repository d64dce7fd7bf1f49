internal import Dialects
internal import Domain
internal import NIOCore

/// Step 2, Admit: what the request asks for, who asks, and whether and where it may run.
extension LiveExchange {
    mutating func admit(_ collecting: Collecting, at now: Tick, _ out: inout ExchangeActions) {
        guard let snapshot = self.origin.snapshot else { return }  // checked before anything was collected
        switch collecting.errand {
        case .chat: self.admitChat(collecting, on: snapshot, at: now, &out)
        case .models, .model: self.list(collecting, on: snapshot, &out)
        }
    }

    private mutating func admitChat(
        _ collecting: Collecting,
        on snapshot: Snapshot,
        at now: Tick,
        _ out: inout ExchangeActions
    ) {
        var wanted: Name<Route>?
        do throws(Fault) {
            let wish = try PromptHeader.wish(in: collecting.fields, with: self.reader)
            let request = try ChatRequest(collecting.body, isPrompted: wish != nil, with: self.reader)
            wanted = Name(request.wanted)
            let admission = try self.admission(of: request, wish ?? request.wish, collecting, on: snapshot)
            self.pass = try self.pass(admission.limits.ofExchange)
            self.begin(at: 0, of: admission, now: now, &out)
        } catch {
            let route = wanted.flatMap { snapshot.content.routes[$0]?.name }
            self.deny(
                error,
                .init(application: collecting.application, errand: .chat, fields: collecting.fields),
                route,
                at: now,
                &out
            )
            self.answer(error, &out)
            out.append(.settled)
        }
    }

    private func admission(
        of request: ChatRequest,
        _ wish: PromptWish?,
        _ collecting: Collecting,
        on snapshot: Snapshot
    ) throws(Fault) -> Admission {
        let metadata = try TaskMetadata(
            fields: collecting.fields,
            bodyUser: request.user,
            bodyPairs: request.metadata,
            team: snapshot.content.teams[collecting.application.team]?.metadata ?? [:],
            subject: collecting.application.subject
        )
        let plan = try decide(
            snapshot,
            application: collecting.application,
            facts: request.facts(admitted: self.origin.admitted),
            signals: self.signals(for: request.wanted, on: snapshot)
        )
        var (request, choice) = (request, PromptChoice?.none)
        if let wish {
            let prompt = try snapshot.prompt(wish, user: metadata.user, application: collecting.application.id)
            request = try request.prompted(prompt, with: self.reader)
            choice = prompt.choice
        }
        let caller = UsageEvent.Caller(
            application: collecting.application.id,
            team: collecting.application.team,
            user: metadata.user,
            task: metadata.task,
            metadata: metadata.pairs
        )
        return try Admission(
            request: request,
            prompt: choice,
            plan: plan,
            caller: caller,
            fields: Shape.passedOn(collecting.fields),
            budgets: snapshot.content.budgets,
            limits: snapshot.content.limits,
            reader: self.reader
        )
    }

    /// Which of the models that could serve `wanted` this node holds no credential for.
    private func signals(for wanted: String, on snapshot: Snapshot) -> Signals {
        let route = Name<Route>(wanted).flatMap { snapshot.content.routes[$0] }
        let candidates = route?.rules.first?.candidates ?? Name<Model>(wanted).map { [$0] } ?? []
        var without: Set<Name<Model>> = []
        for name in candidates {
            guard let model = snapshot.content.models[name], let provider = snapshot.content.providers[model.provider],
                self.rules.credentials.value(for: provider) == .missing
            else { continue }
            without.insert(name)
        }
        return Signals(withoutCredential: without)
    }

    private mutating func list(_ collecting: Collecting, on snapshot: Snapshot, _ out: inout ExchangeActions) {
        let offers = snapshot.offers(to: collecting.application)
        let list = ModelList(offers, created: Timestamp(unixMilliseconds: 0))
        do throws(Fault) {
            let body: ByteBuffer =
                switch collecting.errand {
                case .model(let name): try list.body(of: name)
                case .models, .chat: list.body
                }
            self.answerModels(body, &out)
        } catch {
            self.answer(error, &out)
        }
        out.append(.settled)
    }

    private func answerModels(_ body: ByteBuffer, _ out: inout ExchangeActions) {
        var head = ReplyHead(status: 200)
        self.sign(&head.fields)
        head.fields.add("content-type", "application/json")
        head.fields.add("content-length", String(body.readableBytes))
        out.append(.replyHead(head))
        out.append(.replyBody(body))
        out.append(.replyEnd(isWholeRequestRead: true))
        out.append(.flush)
    }
}

/// A request that may run, and all that its attempts need.
final class Admission {
    let plan: Plan
    let caller: UsageEvent.Caller
    /// The caller's header fields that go upstream.
    let fields: Fields
    let isStream: Bool
    /// Whether the caller asked for usage at the end of its stream.
    let asksForUsage: Bool
    /// The prompt by name that it runs with.
    let prompt: PromptChoice?
    /// Nil once no further attempt can follow: its memory is wanted elsewhere while a long answer streams.
    private(set) var request: ChatRequest?
    /// What each attempt is charged where nothing better is known.
    let bounds: [AttemptBound]
    /// What each attempt is to hold; empty where there are no budgets.
    private let charges: [AttemptCharge]
    /// What it takes of the limits that it is under.
    let limits: LimitClaims

    func charge(of index: Int) -> AttemptCharge { self.charges.isEmpty ? .none : self.charges[index] }

    init(
        request: ChatRequest,
        prompt: PromptChoice?,
        plan: Plan,
        caller: UsageEvent.Caller,
        fields: Fields,
        budgets: ScopedIndex<Budget>,
        limits: ScopedIndex<Limit>,
        reader: JSONReader
    ) throws(Fault) {
        self.prompt = prompt
        self.plan = plan
        self.caller = caller
        self.fields = fields
        self.isStream = request.isStream
        self.asksForUsage = request.asksForUsage
        self.request = request
        // Where no money depends on it, the body is not read again.
        let content = budgets.isEmpty ? .text : request.content(with: reader)
        let bounds = plan.attempts.map {
            AttemptBound(
                bodyByteCount: request.byteCount,
                content: content,
                outputCap: $0.outputCap,
                choices: request.choices,
                model: $0.model
            )
        }
        self.bounds = bounds
        self.charges = try Self.charged(plan, bounds, caller, isStream: request.isStream, budgets)
        self.limits = limits.isEmpty ? .none : LimitClaims(plan, bounds, caller, limits)
    }

    private static func charged(
        _ plan: Plan,
        _ bounds: [AttemptBound],
        _ caller: UsageEvent.Caller,
        isStream: Bool,
        _ budgets: ScopedIndex<Budget>
    ) throws(Fault) -> [AttemptCharge] {
        guard !budgets.isEmpty else { return [] }
        var charges: [AttemptCharge] = []
        for (planned, bound) in zip(plan.attempts, bounds) {
            let attempt = ChargedAttempt(
                caller: caller,
                route: plan.route,
                model: planned.model.name,
                provider: planned.provider.name
            )
            charges.append(
                try AttemptCharge(attempt, bound: bound, price: planned.price, isStream: isStream, budgets: budgets)
            )
        }
        return charges
    }

    func dropRequest() { self.request = nil }
}
