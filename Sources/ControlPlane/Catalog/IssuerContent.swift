package import Domain
package import Storage

/// Somebody else who says who people and applications are: an OpenID Connect provider whose tokens open the admin API
/// and stand in for keys on nodes, and where people sign in to the console.
package struct IssuerContent: CatalogContent {
    package static var kind: Kind { .issuers }
    package static var kindsNamed: Set<Kind> { [.teams, .roles, .secrets] }

    package let name: Name<Issuer>
    /// As its tokens say it (`iss`), byte for byte.
    package let identifier: String
    /// Whom its tokens must be for (`aud`): one of these.
    package let audiences: [String]
    /// Where its keys are; nil: where its discovery document says.
    package let keysURL: String?
    /// The claim that names a person or a program in the audit log.
    package let subjectClaim: String
    /// Whoever fits a rule has what it grants; who fits none may do nothing.
    package let rules: [ClaimRule]
    /// Which applications' tokens nodes take: the first that fits decides.
    package let applications: [ApplicationRule]
    /// Nil: nobody signs in to the console there.
    package let console: ConsoleClient?

    package var title: String { self.name.text }

    private static let rulesMax = 200
    private static let audienceRule = "must be a text of 1 to 256 bytes without control characters"

    package init?(_ form: inout Form) {
        let name: Name<Issuer>? = form.name("name")
        let identifier = Self.address("issuer", isRequired: true, &form)
        let audiences = form.list("audiences", isRequired: true, countMax: 20, Self.audienceRule) {
            (1...256).contains($0.utf8.count) && !Form.holdsControls($0) ? $0 : nil
        }
        if audiences?.isEmpty == true { form.add("audiences", "must name at least one") }
        let keysURL = Self.address("keysUrl", isRequired: false, &form)
        let subjectClaim = form.textIfPresent("subject") ?? "sub"
        let rules = form.objects("rules", ClaimRule.init)
        let applications = form.objects("applications", ApplicationRule.init)
        let console = form.object("console", ConsoleClient.init)
        if let name, Deed.isReserved(name.text) { form.add("name", "stands in the audit log for somebody else") }
        if let rules, rules.count > Self.rulesMax { form.add("rules", "must be a list of at most \(Self.rulesMax)") }
        if let applications, applications.count > Self.rulesMax {
            form.add("applications", "must be a list of at most \(Self.rulesMax)")
        }
        guard let name, let identifier, let audiences, let rules, let applications, form.isGood else { return nil }
        self.name = name
        self.identifier = identifier
        self.audiences = audiences
        self.keysURL = keysURL
        self.subjectClaim = subjectClaim
        self.rules = rules
        self.applications = applications
        self.console = console
    }

    /// What is fetched without TLS could be anybody's keys; only this machine is near enough.
    private static func address(_ field: String, isRequired: Bool, _ form: inout Form) -> String? {
        let text = isRequired ? form.text(field, lengthMax: 2_048) : form.textIfPresent(field, lengthMax: 2_048)
        guard let text else { return nil }
        guard let url = BaseURL(text), AddressRules.isAuthentic(url) else {
            form.add(field, "must be https://host[:port][/path], or http:// on this machine")
            return nil
        }
        return text
    }

    package var json: JSON {
        var members: [String: JSON] = [
            "name": .string(self.name.text), "issuer": .string(self.identifier),
            "audiences": .array(self.audiences.map(JSON.string)),
            "subject": .string(self.subjectClaim), "rules": .array(self.rules.map(\.json)),
        ]
        if let keysURL = self.keysURL { members["keysUrl"] = .string(keysURL) }
        if !self.applications.isEmpty { members["applications"] = .array(self.applications.map(\.json)) }
        if let console = self.console { members["console"] = console.json }
        return .object(members)
    }

    package var references: [Reference] {
        let teams = self.rules.enumerated().flatMap { index, rule in
            rule.grants.teams.keys.sorted().map {
                Reference(pointer: "/rules/\(index)/teams/\($0)", kind: .teams, name: $0.text)
            }
        }
        let applications = self.applications.enumerated().flatMap { $1.references(at: "/applications/\($0)") }
        return teams + applications + (self.console?.references ?? [])
    }

    package func problems(beside surroundings: Surroundings) throws -> [FieldProblem] {
        // Under two names one person would be two, and could approve what they proposed.
        let others = try surroundings.reading.written(IssuerContent.self).filter { $0.name != self.name }
        if let same = others.first(where: { $0.identifier == self.identifier }) {
            return [
                FieldProblem(at: "/issuer", "is trusted as \(same.name) already: add its audiences and rules there")
            ]
        }
        return [("/issuer", self.identifier), ("/keysUrl", self.keysURL)].compactMap { pointer, text in
            guard let url = text.flatMap({ BaseURL($0) }) else { return nil }
            return AddressRules.refusal(of: url, ownPorts: surroundings.ownPorts).map { FieldProblem(at: pointer, $0) }
        }
    }
}

extension IssuerContent {
    /// As nodes know it.
    func issuer(by rules: [ApplicationRule], with keys: [IssuerKey]) -> Issuer {
        Issuer(
            name: self.name,
            identifier: self.identifier,
            audiences: self.audiences,
            subjectClaim: self.subjectClaim,
            rules: rules,
            keys: keys
        )
    }
}
