import Domain
import Logging

/// Keeps what each issuer said last.
///
/// Fresh (15 minutes, or `within`): given at once. Not fresh, or it does not suit: asked for again, ten seconds after
/// the last answer at the soonest, so that nobody can make us ask without end. No answer: the last one holds for a day.
///
/// An actor, because one question serves everybody who comes meanwhile; after each `await` the state is looked at anew.
actor IssuerAnswers<Answer: Sendable> {
    private struct State {
        var known: (answer: Answer, at: Timestamp)?
        /// When the last question ended, well or not.
        var endedAt: Timestamp?
        /// Not nil while a question is under way.
        var waiting: [CheckedContinuation<Result<Answer, SignInFault>, Never>]?

        func answer(within milliseconds: Int64, at now: Timestamp) -> Answer? {
            guard let known = self.known, (0..<milliseconds).contains(now.milliseconds(since: known.at)) else {
                return nil
            }
            return known.answer
        }

        func mayAsk(at now: Timestamp) -> Bool {
            guard let endedAt else { return true }
            return !(0..<IssuerPace.pauseMilliseconds).contains(now.milliseconds(since: endedAt))
        }
    }

    /// What is asked for, for the log.
    private let topic: String
    private let logger: Logger
    private var states: [IssuerSource: State] = [:]

    init(of topic: String, logger: Logger) {
        self.topic = topic
        self.logger = logger
    }

    /// What `issuer` says, if possible one that suits; `ask` gets another.
    func answer(
        of issuer: IssuerContent,
        within milliseconds: Int64 = IssuerPace.freshMilliseconds,
        at now: Timestamp,
        suits: @Sendable (Answer) -> Bool = { _ in true },
        ask: @Sendable () async throws(SignInFault) -> Answer
    ) async throws(SignInFault) -> Answer {
        let source = issuer.source
        let state = self.states[source] ?? State()
        if let fresh = state.answer(within: milliseconds, at: now), suits(fresh) { return fresh }
        let last = state.answer(within: IssuerPace.staleMilliseconds, at: now)
        let isAsking = state.waiting != nil
        if let last, suits(last), isAsking || !state.mayAsk(at: now) { return last }
        if isAsking { return try await self.awaited(source) }
        guard state.mayAsk(at: now) else {
            guard let last else { throw .silent("it was asked a moment ago") }
            return last
        }
        self.begin(source)
        let start = ContinuousClock.now
        let result = await self.result(of: issuer, last, ask)
        // Whole seconds: what counts is an issuer that takes long to say nothing.
        let seconds = start.duration(to: .now).components.seconds
        return try self.end(source, result, began: now, ended: now.advanced(byMilliseconds: seconds * 1_000)).get()
    }

    private func awaited(_ source: IssuerSource) async throws(SignInFault) -> Answer {
        guard self.states[source]?.waiting?.count ?? 0 < IssuerPace.waitingMax else {
            throw .silent("too many wait for it")
        }
        return try await withCheckedContinuation { self.states[source]?.waiting?.append($0) }.get()
    }

    private func begin(_ source: IssuerSource) {
        if self.states.count >= IssuerPace.sourcesMax {
            self.states = self.states.filter { $0.value.waiting != nil }
        }
        self.states[source, default: State()].waiting = []
    }

    private func end(
        _ source: IssuerSource,
        _ result: Result<(answer: Answer, isNew: Bool), SignInFault>,
        began: Timestamp,
        ended: Timestamp
    ) -> Result<Answer, SignInFault> {
        if case .success(let (answer, isNew)) = result, isNew { self.states[source]?.known = (answer, began) }
        self.states[source]?.endedAt = ended
        let waiting = self.states[source]?.waiting ?? []
        self.states[source]?.waiting = nil
        let answer = result.map(\.answer)
        for continuation in waiting { continuation.resume(returning: answer) }
        return answer
    }

    private func result(
        of issuer: IssuerContent,
        _ last: Answer?,
        _ ask: @Sendable () async throws(SignInFault) -> Answer
    ) async -> Result<(answer: Answer, isNew: Bool), SignInFault> {
        do throws(SignInFault) {
            return .success((try await ask(), true))
        } catch {
            self.logger.warning(
                "issuer's answer not had",
                metadata: [
                    "issuer": "\(issuer.name)", "asked.for": "\(self.topic)", "error": "\(error)",
                    "last.known": "\(last != nil)",
                ]
            )
            return last.map { .success(($0, false)) } ?? .failure(error)
        }
    }
}
