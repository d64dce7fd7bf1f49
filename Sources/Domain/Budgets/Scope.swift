/// Which attempts a budget or a limit is about: those that match all that it names. One that names nothing is about all.
package struct Scope: Hashable, Sendable {
    package let team: Name<Team>?
    /// People and the API call it `key`.
    package let application: ApplicationID?
    package let route: Name<Route>?
    package let model: Name<Model>?
    package let provider: Name<Provider>?
    package let task: String?
    /// Pairs that the request's metadata must all have.
    package let metadata: [String: String]

    package static let metadataMax = 8
    /// Of all names and values of `metadata` together.
    package static let metadataBytesMax = 512
    package static let taskLengthMax = 256

    package init(
        team: Name<Team>? = nil,
        application: ApplicationID? = nil,
        route: Name<Route>? = nil,
        model: Name<Model>? = nil,
        provider: Name<Provider>? = nil,
        task: String? = nil,
        metadata: [String: String] = [:]
    ) {
        self.team = team
        self.application = application
        self.route = route
        self.model = model
        self.provider = provider
        self.task = task
        self.metadata = metadata
    }

    package var isEverything: Bool { self == Scope() }

    package func matches(_ attempt: ChargedAttempt) -> Bool {
        self.team.map { $0 == attempt.caller.team } ?? true
            && self.application.map { $0 == attempt.caller.application } ?? true
            && self.route.map { $0 == attempt.route } ?? true
            && self.model.map { $0 == attempt.model } ?? true
            && self.provider.map { $0 == attempt.provider } ?? true
            && self.task.map { $0.utf8.elementsEqual(attempt.caller.task.utf8) } ?? true
            && self.metadata.allSatisfy { pair in
                attempt.caller.metadata[pair.key]?.utf8.elementsEqual(pair.value.utf8) ?? false
            }
    }
}

/// An attempt as far as budgets and limits ask: who calls what.
package struct ChargedAttempt: Hashable, Sendable {
    package let caller: UsageEvent.Caller
    package let route: Name<Route>?
    package let model: Name<Model>
    package let provider: Name<Provider>

    package init(caller: UsageEvent.Caller, route: Name<Route>?, model: Name<Model>, provider: Name<Provider>) {
        self.caller = caller
        self.route = route
        self.model = model
        self.provider = provider
    }
}

/// What a budget or a limit counts apart.
package enum Division: String, Hashable, Sendable, CaseIterable {
    case none
    case team
    case key
    case user
    case route
    case model
    case provider
    case task

    /// Whose account an attempt is charged to: empty where all share one, or where the attempt says nothing of it. What a
    /// caller made up may be long or hold anything: then a digest stands for it.
    package func unit(of attempt: ChargedAttempt) -> String {
        let text = self.text(of: attempt)
        let isPlain = text.utf8.count <= LeasePosting.unitLengthMax && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        return isPlain ? text : "digest:\(String(StickyHash(text).value, radix: 16))"
    }

    private func text(of attempt: ChargedAttempt) -> String {
        switch self {
        case .none: ""
        case .team: attempt.caller.team.text
        case .key: attempt.caller.application.text
        case .user: attempt.caller.user
        case .route: attempt.route?.text ?? ""
        case .model: attempt.model.text
        case .provider: attempt.provider.text
        case .task: attempt.caller.task
        }
    }
}
