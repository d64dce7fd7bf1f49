/// The answer to "may this request run, and where?": a plan of attempts. A denial is a thrown `Fault`.
package struct Plan: Hashable, Sendable {
    /// Nil if the caller asked for a model by its own name.
    package let route: Name<Route>?
    /// In the order in which they are tried; never empty.
    package let attempts: [PlannedAttempt]
    package let timeouts: Timeouts
    package let retryBilled: Bool
    package let hangUp: Route.HangUp
}

/// One model that may be tried, with all that an attempt needs to know of it.
package struct PlannedAttempt: Hashable, Sendable {
    package let model: Model
    package let provider: Provider
    package let price: Price
    /// The smallest of the caller's, the route's and the model's cap: what the upstream request says.
    package let outputCap: Int64
}

/// The decision: pure, so that the same snapshot, facts and signals give the same plan in a node, in a test and
/// in a backtest.
package func decide(
    _ snapshot: Snapshot,
    application: Application,
    facts: Facts,
    signals: Signals
) throws(Fault) -> Plan {
    let roles = application.roles.compactMap { snapshot.content.roles[$0] }
    if let name = Name<Route>(facts.wanted), let route = snapshot.content.routes[name] {
        guard roles.contains(where: { $0.routes.contains { $0.matches(name.text) } }) else {
            throw .notAllowed(facts.wanted)
        }
        // Rules have no conditions yet, so the first one always applies.
        let candidates = route.rules.first?.candidates ?? []
        return try plan(route, candidates, on: snapshot, facts: facts, signals: signals)
    }
    guard let name = Name<Model>(facts.wanted), snapshot.content.models[name] != nil else {
        throw .notFound(facts.wanted)
    }
    guard roles.contains(where: { $0.models.contains { $0.matches(name.text) } }) else {
        throw .notAllowed(facts.wanted)
    }
    return try plan(nil, [name], on: snapshot, facts: facts, signals: signals)
}

private func plan(
    _ route: Route?,
    _ candidates: [Name<Model>],
    on snapshot: Snapshot,
    facts: Facts,
    signals: Signals
) throws(Fault) -> Plan {
    let attempts = candidates.compactMap { name in
        attempt(name, on: snapshot, cap: route?.maxOutput ?? Route.maxOutputDefault, facts: facts, signals: signals)
    }
    guard !attempts.isEmpty else { throw .noCandidate(for: facts.wanted) }
    return Plan(
        route: route?.name,
        attempts: attempts,
        timeouts: route?.timeouts ?? Timeouts(),
        retryBilled: route?.retryBilled ?? false,
        hangUp: route?.hangUp ?? .drain
    )
}

/// Nil where the model is stopped, not yet priced at this time, or has no credential on this node.
private func attempt(
    _ name: Name<Model>,
    on snapshot: Snapshot,
    cap: Int64,
    facts: Facts,
    signals: Signals
) -> PlannedAttempt? {
    guard let model = snapshot.content.models[name], let provider = snapshot.content.providers[model.provider],
        let price = model.prices.inForce(at: facts.admitted),
        !snapshot.denyList.stoppedModels.contains(name), !signals.withoutCredential.contains(name)
    else { return nil }
    let outputCap = min(facts.outputCap ?? .max, cap, model.maxOutput)
    return PlannedAttempt(model: model, provider: provider, price: price, outputCap: outputCap)
}

extension Fault {
    fileprivate static func notFound(_ wanted: String) -> Fault {
        Fault(
            .modelNotFound,
            parameter: "model",
            "No route or approved model is named '\(wanted.prefix(140))'. GET /v1/models lists what this key may use."
        )
    }

    fileprivate static func notAllowed(_ wanted: String) -> Fault {
        Fault(
            .modelNotAllowed,
            parameter: "model",
            "None of this key's roles permits '\(wanted.prefix(140))'. GET /v1/models lists what this key may use."
        )
    }

    fileprivate static func noCandidate(for wanted: String) -> Fault {
        Fault(
            .upstreamError,
            from: .node,
            "No model of '\(wanted.prefix(140))' can be called now: each is stopped or has no credential on this node."
        )
    }
}
