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

/// What must be known again when the browser comes back.
package struct PendingFlow: Hashable, Sendable {
    /// Our name for the issuer.
    package let issuer: Name<Issuer>
    /// Its own, as it was when the flow began.
    package let address: String
    package let clientID: String
    /// Of the cookie in the browser that began it.
    package let browser: Digest
    /// What the token must say again (OpenID Connect Core 1.0, 3.1.2.1).
    package let nonce: String
    /// What proves to the issuer that the code is ours (RFC 7636).
    package let verifier: String
    /// Where to go on then.
    package let next: String
    package let begun: Timestamp

    package init(
        issuer: Name<Issuer>,
        address: String,
        clientID: String,
        browser: Digest,
        nonce: String,
        verifier: String,
        next: String,
        begun: Timestamp
    ) {
        self.issuer = issuer
        self.address = address
        self.clientID = clientID
        self.browser = browser
        self.nonce = nonce
        self.verifier = verifier
        self.next = next
        self.begun = begun
    }

    func isOver(at now: Timestamp) -> Bool {
        !(0..<PendingFlows.lifeMilliseconds).contains(now.milliseconds(since: self.begun))
    }
}
