package import Domain
package import Storage

extension Provider: CatalogContent {
    package static var kind: Kind { .providers }
    package static var kindsNamed: Set<Kind> { [.secrets] }
    package var title: String { self.name.text }

    /// As many as a snapshot holds.
    private static let jurisdictionsMax = 64

    package init?(_ form: inout Form) {
        let name: Name<Provider>? = form.name("name")
        let dialect: Dialect? = form.choice("dialect")
        let baseURL = form.text("baseUrl", lengthMax: 2_048).flatMap(BaseURL.init)
        if baseURL == nil, !form.problems.contains(where: { $0.pointer == form.place("baseUrl") }) {
            form.add("baseUrl", "must be http(s)://host[:port][/path] without user, query or fragment")
        }
        let region = form.textIfPresent("region", lengthMax: 64)
        let jurisdictions = form.list(
            "jurisdictions",
            countMax: Self.jurisdictionsMax,
            "must be letters, digits, '-' or '_', at most 32"
        ) {
            ID<Provider>($0).flatMap { $0.text.utf8.count <= 32 ? $0.text : nil }
        }
        let credential = Self.credential(&form)
        guard let name, let dialect, let baseURL, let jurisdictions, form.isGood else { return nil }
        self.init(
            name: name,
            dialect: dialect,
            baseURL: baseURL,
            region: region ?? "",
            jurisdictions: jurisdictions,
            credential: credential ?? .none
        )
    }

    private static func credential(_ form: inout Form) -> Credential? {
        form.object("credential") { inner in
            let secret = inner.value("secret") == nil ? nil : inner.name("secret", of: Secret.self)
            let variable = inner.textIfPresent("env", lengthMax: 128)
            let file = inner.textIfPresent("file", lengthMax: 1_024)
            inner.finish()
            let named: [Credential] = [
                secret.map(Credential.secret), variable.map(Credential.environment), file.map(Credential.file),
            ].compactMap { $0 }
            guard inner.isGood else { return nil }
            guard named.count == 1 else {
                inner.add("secret", "name exactly one of secret, env and file")
                return nil
            }
            return named[0]
        }
    }

    package var json: JSON {
        var members: [String: JSON] = [
            "name": .string(self.name.text), "dialect": .string(self.dialect.rawValue),
            "baseUrl": .string(self.baseURL.description),
            "jurisdictions": .array(self.jurisdictions.map(JSON.string)),
        ]
        if !self.region.isEmpty { members["region"] = .string(self.region) }
        switch self.credential {
        case .none: break
        case .secret(let name): members["credential"] = .object(["secret": .string(name.text)])
        case .environment(let name): members["credential"] = .object(["env": .string(name)])
        case .file(let path): members["credential"] = .object(["file": .string(path)])
        }
        return .object(members)
    }

    package var references: [Reference] {
        guard case .secret(let name) = self.credential else { return [] }
        return [Reference(pointer: "/credential/secret", kind: .secrets, name: name.text)]
    }

    package func problems(beside surroundings: Surroundings) throws -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if let detail = AddressRules.refusal(of: self.baseURL, ownPorts: surroundings.ownPorts) {
            problems.append(FieldProblem(at: "/baseUrl", detail))
        }
        if case .secret(let name) = self.credential,
            let secret = try surroundings.reading.written(SecretContent.self, name.text),
            !secret.hosts.contains(self.baseURL.host)
        {
            let detail = "the secret \(name) may be sent to \(secret.hosts.joined(separator: ", ")) only"
            problems.append(FieldProblem(at: "/baseUrl", detail))
        }
        return problems
    }

    /// Where requests and the credential go, and under which law, is protected. A provider that never was there
    /// before takes effect at once: nothing is sent to it until a model of it is approved.
    package func needsApproval(after approved: Provider?, isInForce: Bool) -> Bool {
        guard let approved else { return false }
        return approved.baseURL != self.baseURL || approved.credential != self.credential
            || Set(approved.jurisdictions) != Set(self.jurisdictions)
    }
}
