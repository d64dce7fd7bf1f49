package import Domain
package import Storage

/// `{"name": "demo-rate", "scope": {"team": "demo"}, "requestsPerMinute": 600, "concurrent": 50}`.
extension Limit: CatalogContent {
    package static var kind: Kind { .limits }

    package static var hints: [String: String] {
        [
            "rpm": "is called requestsPerMinute", "tpm": "is called tokensPerMinute",
            "concurrency": "is called concurrent", "amount": "money is a budget's: see budgets",
        ]
    }

    package init?(_ form: inout Form) {
        let name: Name<Limit>? = form.name("name")
        let scope = Scope.read(&form)
        let per = form.choice("per", default: Division.none)
        let requests = Self.count("requestsPerMinute", &form)
        let tokens = Self.count("tokensPerMinute", &form)
        let concurrent = Self.count("concurrent", &form)
        if form.isGood, requests == nil, tokens == nil, concurrent == nil {
            form.add("requestsPerMinute", "say at least one of requestsPerMinute, tokensPerMinute and concurrent")
        }
        guard let name, let scope, let per, form.isGood else { return nil }
        self.init(
            name: name,
            scope: scope,
            per: per,
            requestsPerMinute: requests,
            tokensPerMinute: tokens,
            concurrent: concurrent
        )
    }

    private static func count(_ field: String, _ form: inout Form) -> Int64? {
        form.value(field) == nil ? nil : form.integer(field, in: 1...Self.countMax)
    }

    package var json: JSON {
        var members: [String: JSON] = [
            "name": .string(self.name.text), "scope": self.scope.json, "per": .string(self.per.rawValue),
        ]
        if let requests = self.requestsPerMinute { members["requestsPerMinute"] = .number(requests) }
        if let tokens = self.tokensPerMinute { members["tokensPerMinute"] = .number(tokens) }
        if let concurrent = self.concurrent { members["concurrent"] = .number(concurrent) }
        return .object(members)
    }

    /// Whatever may let more pass than people agreed to.
    package func needsApproval(after approved: Limit?, isInForce: Bool) -> Bool {
        guard let approved, isInForce else { return false }
        let counts = [
            (self.requestsPerMinute, approved.requestsPerMinute), (self.tokensPerMinute, approved.tokensPerMinute),
            (self.concurrent, approved.concurrent),
        ]
        return self.scope != approved.scope || self.per != approved.per
            || counts.contains { new, old in (new ?? .max) > (old ?? .max) }
    }
}
