/// What usage is summed by: one row of sums stands for one minute and one value of this tuple.
///
/// Text, because a name in old usage may be one that no longer exists. Empty means "none": a denial has no model.
package struct UsageDimensions: Hashable, Sendable {
    package var team: String
    package var key: String
    package var user: String
    package var route: String
    package var model: String
    package var provider: String
    package var task: String
    /// With its version, as replies name it.
    package var prompt: String

    package init(
        team: String = "",
        key: String = "",
        user: String = "",
        route: String = "",
        model: String = "",
        provider: String = "",
        task: String = "",
        prompt: String = ""
    ) {
        self.team = team
        self.key = key
        self.user = user
        self.route = route
        self.model = model
        self.provider = provider
        self.task = task
        self.prompt = prompt
    }

    package init(of event: UsageEvent) {
        self.init(
            team: event.caller.team.text,
            key: event.caller.application.text,
            user: event.caller.user,
            route: event.target.route?.text ?? "",
            model: event.target.model?.text ?? "",
            provider: event.target.provider?.text ?? "",
            task: event.caller.task,
            prompt: event.target.prompt?.text ?? ""
        )
    }

    package subscript(dimension: UsageDimension) -> String {
        switch dimension {
        case .team: self.team
        case .key: self.key
        case .user: self.user
        case .route: self.route
        case .model: self.model
        case .provider: self.provider
        case .task: self.task
        case .prompt: self.prompt
        }
    }

    /// The same with every dimension blanked that is not in `kept`.
    package func keeping(_ kept: Set<UsageDimension>) -> UsageDimensions {
        func value(_ dimension: UsageDimension) -> String { kept.contains(dimension) ? self[dimension] : "" }
        return UsageDimensions(
            team: value(.team),
            key: value(.key),
            user: value(.user),
            route: value(.route),
            model: value(.model),
            provider: value(.provider),
            task: value(.task),
            prompt: value(.prompt)
        )
    }

    /// Stands for all values of a caller-made dimension that a day has no room for.
    package static let other = "other"
}

/// The words of `usage?by=`.
package enum UsageDimension: String, Hashable, Sendable, CaseIterable {
    case team
    case key
    case user
    case route
    case model
    case provider
    case task
    case prompt

    /// Whether this value is one that callers, or their issuers, make up, so that their number must be bounded.
    package func isCallerMade(_ value: String) -> Bool {
        switch self {
        case .user, .task: true
        case .key: ApplicationID.isOfToken(value)
        case .team, .route, .model, .provider, .prompt: false
        }
    }
}
