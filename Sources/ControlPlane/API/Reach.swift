package import Domain
package import Storage

/// Whose things an endpoint is about: where whoever calls it must have its permission.
package enum Reach: Sendable {
    /// The installation's own: the permission must hold everywhere.
    case everywhere
    /// What all teams share, or what shows each caller only its own teams' part: it is enough to have it for one team.
    case anywhere
    /// These teams': it must hold for each of them. For none where the thing is not there, which the endpoint says.
    case teams(@Sendable (Call, Reading) throws -> [Name<Team>])
}

extension Endpoint {
    /// Before the body is read.
    func mayBePermitted(to caller: Caller) -> Bool {
        switch self.reach {
        case .everywhere: caller.grants.permit(self.permission)
        case .anywhere, .teams: caller.grants.permitAnywhere(self.permission)
        }
    }

    /// With everything that the call says, on the state that it is about to see or change.
    func requirePermission(_ call: Call, _ reading: Reading) throws {
        guard case .teams(let teams) = self.reach else { return }
        for team in try teams(call, reading) where !call.caller.grants.permit(self.permission, for: team) {
            throw Problem.forbidden(self.permission, for: team)
        }
    }
}
