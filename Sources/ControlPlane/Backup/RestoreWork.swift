import Domain
import Platform
import Storage
import Wire

/// What a restore changes in the copy of the backup; all of it in one transaction.
struct RestoreWork: Sendable {
    let plan: RestorePlan
    /// Nil where loss was accepted.
    let fence: NodeFence?
    let backupSeq: UInt64
    /// When the backup was made, where that is known.
    let made: Timestamp?
    let rootVersion: UInt64

    /// Where the only new token of a principal goes.
    struct NewToken: Sendable {
        let files: KeyFiles
        let made: MadeFiles
    }

    func run(
        _ transaction: Transaction,
        by deed: Deed,
        token: NewToken?,
        random: @Sendable (Int) -> [UInt8]
    ) throws -> RestoreReport {
        guard let installation = try transaction.reading.installation() else { throw StorageFault.notFound }
        let carried =
            try self.fence.map { try CarriedDenials(from: $0, into: transaction, by: deed) } ?? CarriedDenials()
        // A key that its issuer has withdrawn since the backup would be good again: all are fetched anew.
        try transaction.forgetIssuerKeys(exceptFrom: [])
        let issuers = try token.map { try self.renewTokens($0, transaction, random, deed) } ?? []
        var list = try SignedDenyList(inForce: transaction.reading, environment: installation.environment)
        list.list = list.list.numbered(self.plan.last.denyListNumber + 1)
        let report = RestoreReport(
            environment: installation.environment,
            epoch: self.plan.epoch,
            nextSeq: self.plan.last.seq + 1,
            made: self.made,
            fence: self.fence.map { RestoreReport.Source($0, lost: $0.marks.seq - min(self.backupSeq, $0.marks.seq)) },
            carried: carried,
            issuers: issuers,
            tokenPath: token?.files.restoredTokenPath(self.plan)
        )
        try transaction.restore(
            Restoration(
                epoch: self.plan.epoch,
                lastSeq: self.plan.last.seq,
                lastHeadVersion: self.plan.last.headVersion,
                manifest: self.fence?.manifestBytes
            ),
            deny: list.entry(number: list.list.number),
            bytes: list.encoded(),
            rootVersion: self.rootVersion,
            detail: report.json.canonical,
            by: deed
        )
        return report
    }

    /// Every token goes, because one that was revoked since the backup would be good again, and every issuer, because one
    /// that was trusted no more would be again; one new token is made for a principal who may make others. Gives the
    /// issuers' names.
    private func renewTokens(
        _ token: NewToken,
        _ transaction: Transaction,
        _ random: @Sendable (Int) -> [UInt8],
        _ deed: Deed
    ) throws -> [String] {
        for holder in try transaction.reading.tokenHolders() { try transaction.revokeTokens(of: holder, by: deed) }
        let principals = try transaction.reading.inForce(.principals).map { try PrincipalContent.read($0) }
        guard let admin = principals.first(where: { $0.grants.everywhere.contains(.admin) }) else {
            throw StartupFault(
                .configuration,
                "no principal of the backup is an admin: restore without --revoke-tokens"
            )
        }
        let text = try transaction.mintToken(for: admin.name, expires: nil, random: random, by: deed).text
        let issuers = try transaction.reading.items(of: .issuers, limit: .max)
        for issuer in issuers { try transaction.move(issuer.latest, to: .archived, by: deed) }
        try token.files.createToken(text, restored: self.plan, noting: token.made)
        return issuers.map(\.latest.name)
    }
}
