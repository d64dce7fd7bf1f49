package import Domain
package import Storage

/// Lets people and programs in who come with a token of an issuer that the installation trusts.
package struct Issuers: IdentityVerifier {
    private let database: Database
    private let keys: IssuerKeys

    package init(database: Database, keys: IssuerKeys) {
        self.database = database
        self.keys = keys
    }

    package func caller(with text: String, at now: Timestamp) async throws -> Caller {
        do {
            return try await self.verified(text, at: now)
        } catch let fault as SignInFault {
            throw fault.problem
        }
    }

    private func verified(_ text: String, at now: Timestamp) async throws -> Caller {
        let token = try BearerToken(text)
        let trusted = try await self.database.read { try $0.written(IssuerContent.self) }
        guard let issuer = trusted.first(where: { $0.issuer == token.claims.issuer }) else {
            throw SignInFault.badToken("its issuer (iss) is none that is trusted here")
        }
        guard token.claims.isFor(oneOf: issuer.audiences) else {
            throw SignInFault.badToken("it is for somebody else (aud)")
        }
        let key = try await self.keys.key(for: token, of: issuer, at: now)
        try await PublicKeys.verify(token, by: key)
        if let reason = token.claims.untimely(at: now) { throw SignInFault.badToken(reason) }
        return try issuer.caller(with: token.claims)
    }
}

extension IssuerContent {
    /// Who it is, and what the rules that fit are worth together.
    func caller(with claims: Claims) throws(SignInFault) -> Caller {
        guard let subject = claims.subject(under: self.subject) else {
            throw .badToken("its claim \(self.subject) names nobody")
        }
        let fitting = self.rules.filter { claims.holds($0.value, under: $0.claim) }
        let grants = fitting.reduce(Grants()) { $0.joined(with: $1.grants) }
        return Caller(name: "\(self.name):\(subject)", grants: grants)
    }
}
