/// Somebody else who says who applications are: an OpenID Connect provider whose tokens nodes take in place of keys.
package struct Issuer: Nameable, Hashable, Sendable {
    package let name: Name<Issuer>
    /// As its tokens say it (`iss`), byte for byte.
    package let identifier: String
    /// Whom its tokens must be for (`aud`): one of these.
    package let audiences: [String]
    /// The claim that names an application.
    package let subjectClaim: String
    /// Tried in their order.
    package let rules: [ApplicationRule]
    package let keys: [IssuerKey]

    package init(
        name: Name<Issuer>,
        identifier: String,
        audiences: [String],
        subjectClaim: String,
        rules: [ApplicationRule],
        keys: [IssuerKey]
    ) {
        self.name = name
        self.identifier = identifier
        self.audiences = audiences
        self.subjectClaim = subjectClaim
        self.rules = rules
        self.keys = keys
    }

    /// The same, after it turned its keys over.
    package func with(_ keys: [IssuerKey]) -> Issuer {
        Issuer(
            name: self.name,
            identifier: self.identifier,
            audiences: self.audiences,
            subjectClaim: self.subjectClaim,
            rules: self.rules,
            keys: keys
        )
    }

    /// Whom a token of these claims is about, whose signature was found to be the issuer's; the first rule that fits
    /// says to which team it belongs and what it may ask for.
    package func application(with claims: Claims) throws(TokenFlaw) -> Application {
        guard let subject = claims.subject(under: self.subjectClaim) else {
            throw TokenFlaw("its claim \(self.subjectClaim) names nobody")
        }
        guard let rule = self.rules.first(where: { claims.holds($0.value, under: $0.claim) }) else {
            throw TokenFlaw("its claims fit no rule for applications")
        }
        let id = ApplicationID(self.name, subject: subject)
        return Application(id: id, team: rule.team, roles: rule.roles, subject: subject)
    }
}

extension [Issuer] {
    /// The one that a token claims to be of, and is for.
    package func issuer(of claims: Claims) throws(TokenFlaw) -> Issuer {
        guard let issuer = self.first(where: { $0.identifier.hasSameBytes(as: claims.issuer) }) else {
            throw TokenFlaw("its issuer (iss) is none that is trusted here")
        }
        try claims.checkAudience(oneOf: issuer.audiences)
        return issuer
    }
}
