import Domain
import Storage

extension Reading {
    /// Somebody must stay who can come in and administer: nothing but a restore would help otherwise.
    func requireAdmin(at now: Timestamp) throws {
        let admins = try self.written(PrincipalContent.self).filter { $0.grants.everywhere.contains(.admin) }
        let canStay = try admins.contains { admin in
            try self.tokens(of: admin.name).contains { token in
                guard token.isGood(at: now), token.expires == nil else { return false }
                return try token.ceiling.map { $0.everywhere.contains(.admin) } ?? true
            }
        }
        guard canStay else {
            throw Problem.conflict("somebody must stay admin, with a token that may administer and does not expire")
        }
    }
}
