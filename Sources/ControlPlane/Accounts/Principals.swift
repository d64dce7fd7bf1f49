package import Domain
package import Storage

extension Reading {
    /// Whom the token with this digest lets in at `now`; nil if the token or its principal is no good any more.
    func caller(_ digest: Digest, at now: Timestamp) throws -> Caller? {
        guard let token = try self.token(digest), token.isGood(at: now),
            let inForce = try self.item(.principals, token.principal.text)?.inForce
        else { return nil }
        let grants = try PrincipalContent.read(inForce).grants
        return Caller(name: token.principal.text, grants: try token.ceiling.map(grants.limited) ?? grants)
    }
}

extension PrincipalToken {
    /// What it may do at most; nil for all that its principal may.
    var ceiling: Grants? {
        get throws { try self.grants.map { try Grants.read(JSON.parse(Array($0.utf8))) } }
    }
}

extension Transaction {
    /// Gives a principal a new token; its text is shown once and kept nowhere.
    package func mintToken(
        for principal: Name<Principal>,
        expires: Timestamp?,
        limitedTo grants: Grants? = nil,
        random: @Sendable (Int) -> [UInt8],
        by deed: Deed
    ) throws -> (text: String, token: PrincipalToken) {
        let text = TokenText.make(prefix: TokenText.principal, random: random(TokenText.randomBytes))
        guard let id = ID<PrincipalToken>("tok_\(Hex.encode(random(10)))") else {
            preconditionFailure("hexadecimal digits make an id")
        }
        let digest = Digest.sha256(Array(text.utf8))
        let token = try self.issueToken(
            id,
            digest: digest,
            to: principal,
            expires: expires,
            grants: grants.map { JSON.object($0.members).canonical },
            by: deed
        )
        return (text, token)
    }

    /// The first principal of an installation, with every role, and its token. For `init`.
    ///
    /// - Throws: `StorageFault.exists` if there is a principal of that name.
    package func foundAdmin(
        _ name: Name<Principal>,
        random: @Sendable (Int) -> [UInt8],
        by deed: Deed
    ) throws -> String {
        let content = PrincipalContent(name: name, grants: Grants(everywhere: [.admin]))
        try self.revise(
            .principals,
            name.text,
            to: content.json.canonical,
            state: .approved,
            expecting: .absent,
            action: "created",
            by: deed
        )
        return try self.mintToken(for: name, expires: nil, random: random, by: deed).text
    }
}
