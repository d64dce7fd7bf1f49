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

    private func isNotThere(_ call: Call) -> Problem {
        Problem.notFound("\(self.kind?.singular ?? "thing") \(call.parameter("name"))")
    }

    /// With everything that the call says, on the state that it is about to see or change.
    func requirePermission(_ call: Call, _ reading: Reading) throws {
        guard case .teams(let teams) = self.reach else { return }
        let named = try teams(call, reading)
        for (index, team) in named.enumerated() where !call.caller.grants.permit(self.permission, for: team) {
            // The thing's own team is the first. Whoever may not see the thing is not told that it is there.
            let isSeen = index > 0 || !self.path.contains("{") || call.caller.grants.permit(.read, for: team)
            throw isSeen ? Problem.forbidden(self.permission, for: team) : self.isNotThere(call)
        }
    }
}
