package import Domain
package import Storage
import Wire

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
            let (token, issuer) = try await self.verified(text, at: now)
            return try issuer.caller(with: token.claims)
        } catch let fault as SignInFault {
            throw fault.problem
        }
    }

    /// Whom a token of the admin API names.
    func identity(with text: String, at now: Timestamp) async throws -> Identity {
        Identity(claims: try await self.verified(text, at: now).token.claims, source: .token)
    }

    /// Who somebody is who came before, by the issuer and its rules as they are written now.
    func caller(of identity: Identity, at now: Timestamp) async throws -> Caller {
        try await self.issuer(of: identity.claims).caller(of: identity, at: now)
    }

    private func verified(
        _ text: String,
        at now: Timestamp
    ) async throws -> (token: JSONWebToken, issuer: IssuerContent) {
        let token = try JSONWebToken(text)
        let issuer = try await self.issuer(of: token.claims)
        try issuer.checkAudience(of: token.claims)
        try await self.verify(token, of: issuer, at: now)
        return (token, issuer)
    }

    /// Its signature and its times; whom it is for is the caller's to judge.
    func verify(_ token: JSONWebToken, of issuer: IssuerContent, at now: Timestamp) async throws(SignInFault) {
        let key = try await self.keys.key(for: token, of: issuer, at: now)
        try await PublicKeys.verify(token, by: key)
        _ = try SignInFault.wrapping { () throws(TokenFlaw) in try token.claims.checkTimes(at: now) }
    }

    /// Every issuer that is trusted.
    func trusted() async throws -> [IssuerContent] {
        try await self.database.read { try $0.written(IssuerContent.self) }
    }

    private func issuer(of claims: Claims) async throws -> IssuerContent {
        guard let issuer = try await self.trusted().first(where: { $0.identifier.hasSameBytes(as: claims.issuer) })
        else {
            throw SignInFault.badToken("its issuer (iss) is none that is trusted here")
        }
        return issuer
    }
}

extension IssuerContent {
    /// Who it is, and what the rules that fit are worth together.
    func caller(with claims: Claims) throws(SignInFault) -> Caller {
        guard let subject = claims.subject(under: self.subjectClaim) else {
            throw .badToken("its claim \(self.subjectClaim) names nobody")
        }
        let fitting = self.rules.filter { claims.holds($0.value, under: $0.claim) }
        let grants = fitting.reduce(Grants()) { $0.joined(with: $1.grants) }
        return Caller(name: ApplicationID(self.name, subject: subject).text, grants: grants)
    }

    /// The same for somebody who came before, and only if they would be let in again.
    func caller(of identity: Identity, at now: Timestamp) throws(SignInFault) -> Caller {
        switch identity.source {
        case .token:
            try self.checkAudience(of: identity.claims)
            _ = try SignInFault.wrapping { () throws(TokenFlaw) in try identity.claims.checkTimes(at: now) }
        case .console(let clientID): guard self.console?.clientID == clientID else { throw .changed }
        }
        let caller = try self.caller(with: identity.claims)
        guard !caller.grants.isEmpty else { throw .nothingGranted(caller.name) }
        return caller
    }

    /// Whether the admin API is among those whom a token is for.
    fileprivate func checkAudience(of claims: Claims) throws(SignInFault) {
        try SignInFault.wrapping { () throws(TokenFlaw) in try claims.checkAudience(oneOf: self.audiences) }
    }
}
