package import Domain
import GRDB

/// Who may administer: a person or a script, with roles.
package enum Principal: Nameable {}

/// A text that opens the admin API for one principal; only its digest is kept.
package struct PrincipalToken: Hashable, Sendable {
    package let id: ID<PrincipalToken>
    package let principal: Name<Principal>
    package let created: Timestamp
    package let expires: Timestamp?
    package let revoked: Timestamp?
    /// Canonical JSON of what it may do at most; nil for all that its principal may.
    package let grants: String?

    package func isGood(at now: Timestamp) -> Bool {
        self.revoked == nil && (self.expires.map { $0 > now } ?? true)
    }
}

extension Transaction {
    /// Gives a principal a token, and says so in the audit log.
    package func issueToken(
        _ id: ID<PrincipalToken>,
        digest: Digest,
        to principal: Name<Principal>,
        expires: Timestamp?,
        grants: String? = nil,
        by deed: Deed
    ) throws -> PrincipalToken {
        try self.db.execute(
            sql: """
                INSERT INTO principalToken (id, digest, principal, created, expires, revoked, grants)
                VALUES (?, ?, ?, ?, ?, NULL, ?)
                """,
            arguments: [id.text, digest.column, principal.text, deed.at.column, expires?.column, grants]
        )
        try self.audit("principal.token-issued", "principal/\(principal)", detail: #"{"token":"\#(id)"}"#, by: deed)
        return PrincipalToken(
            id: id,
            principal: principal,
            created: deed.at,
            expires: expires,
            revoked: nil,
            grants: grants
        )
    }

    /// Ends every token of a principal who goes: one of the same name, later, is somebody else.
    package func revokeTokens(of principal: Name<Principal>, by deed: Deed) throws {
        for token in try self.reading.tokens(of: principal) where token.revoked == nil {
            try self.revokeToken(token.id, of: principal, by: deed)
        }
    }

    /// Ends a token. Ending it twice changes nothing the second time.
    ///
    /// - Throws: `StorageFault.notFound` if the principal has no such token.
    package func revokeToken(_ id: ID<PrincipalToken>, of principal: Name<Principal>, by deed: Deed) throws {
        let tokens = try self.reading.tokens(of: principal)
        guard let token = tokens.first(where: { $0.id == id }) else { throw StorageFault.notFound }
        guard token.revoked == nil else { return }
        try self.db.execute(
            sql: "UPDATE principalToken SET revoked = ? WHERE id = ?",
            arguments: [deed.at.column, id.text]
        )
        try self.audit("principal.token-revoked", "principal/\(principal)", detail: #"{"token":"\#(id)"}"#, by: deed)
    }
}

extension Reading {
    /// The token with this digest, good or not; nil if there never was one.
    package func token(_ digest: Digest) throws -> PrincipalToken? {
        let row = try Row.fetchOne(
            self.db,
            sql: "SELECT * FROM principalToken WHERE digest = ?",
            arguments: [digest.column]
        )
        return try row.map(PrincipalToken.init)
    }

    /// All tokens that a principal ever had, newest first.
    package func tokens(of principal: Name<Principal>) throws -> [PrincipalToken] {
        let rows = try Row.fetchAll(
            self.db,
            sql: "SELECT * FROM principalToken WHERE principal = ? ORDER BY created DESC, id",
            arguments: [principal.text]
        )
        return try rows.map(PrincipalToken.init)
    }
}

extension PrincipalToken {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id("id"),
            principal: try row.name("principal"),
            created: row.timestamp("created"),
            expires: row.timestampIfPresent("expires"),
            revoked: row.timestampIfPresent("revoked"),
            grants: row["grants"]
        )
    }
}
