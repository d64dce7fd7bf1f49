package import Domain

/// Sign-ins that were begun at an issuer and are not finished: each for ten minutes and one answer. At the bound the
/// oldest goes. Of `state` and of the browser's cookie only digests are kept.
package struct PendingFlows: Sendable {
    package static let lifeMilliseconds: Int64 = 10 * 60_000
    package static let flowsMax = 4_096

    private var flows: [Digest: PendingFlow] = [:]

    package init() {}

    package var count: Int { self.flows.count }

    package mutating func add(_ flow: PendingFlow, state: Digest) {
        if self.flows.count >= Self.flowsMax {
            self.flows = self.flows.filter { !$0.value.isOver(at: flow.begun) }
        }
        if self.flows.count >= Self.flowsMax {
            let oldest = self.flows.min { ($0.value.begun, $0.key) < ($1.value.begun, $1.key) }
            if let oldest { self.flows[oldest.key] = nil }
        }
        self.flows[state] = flow
    }

    /// The flow, once: whoever brings its `state` ends it, and has it only from the browser that began it, in time.
    package mutating func take(_ state: Digest, browser: Digest, at now: Timestamp) -> PendingFlow? {
        guard let flow = self.flows.removeValue(forKey: state), flow.browser == browser, !flow.isOver(at: now) else {
            return nil
        }
        return flow
    }
}
