package import Domain

/// What somebody may do: roles that hold everywhere, and roles that hold for the things of single teams.
package struct Grants: Hashable, Sendable {
    package var everywhere: Set<PrincipalRole>
    package var teams: [Name<Team>: Set<PrincipalRole>]

    package init(everywhere: Set<PrincipalRole> = [], teams: [Name<Team>: Set<PrincipalRole>] = [:]) {
        self.everywhere = everywhere
        self.teams = teams.filter { !$0.value.isEmpty }
    }

    package var isEmpty: Bool { self.everywhere.isEmpty && self.teams.isEmpty }

    private func roles(in team: Name<Team>) -> Set<PrincipalRole> { self.everywhere.union(self.teams[team] ?? []) }

    package func permit(_ permission: Permission) -> Bool { !self.everywhere.isDisjoint(with: permission.roles) }

    package func permit(_ permission: Permission, for team: Name<Team>) -> Bool {
        !self.roles(in: team).isDisjoint(with: permission.roles)
    }

    package func permitAnywhere(_ permission: Permission) -> Bool {
        self.permit(permission) || self.teams.keys.contains { self.permit(permission, for: $0) }
    }

    /// The teams whose things may be so treated; nil: all of them.
    package func teams(permitting permission: Permission) -> Set<Name<Team>>? {
        if self.permit(permission) { return nil }
        return Set(self.teams.keys.filter { self.permit(permission, for: $0) })
    }

    /// What both give: a token may carry less than its principal has, and never more.
    package func limited(to other: Grants) -> Grants {
        let both = self.everywhere.intersection(other.everywhere)
        let named = Set(self.teams.keys).union(other.teams.keys)
        return Grants(
            everywhere: both,
            teams: Dictionary(
                uniqueKeysWithValues: named.map {
                    ($0, self.roles(in: $0).intersection(other.roles(in: $0)).subtracting(both))
                }
            )
        )
    }

    /// What either gives.
    package func joined(with other: Grants) -> Grants {
        Grants(
            everywhere: self.everywhere.union(other.everywhere),
            teams: self.teams.merging(other.teams) { $0.union($1) }
        )
    }
}

extension Grants {
    private static let teamsMax = 1_000

    /// What `members` gave.
    static func read(_ json: JSON) throws(Refusal) -> Grants {
        var form = Form(json)
        let grants = form.isGood ? Grants(&form) : nil
        form.finish()
        guard let grants, form.isGood else { throw Refusal(problems: form.problems) }
        return grants
    }

    /// `roles` and `teams` of a form; nil only if it has a problem.
    package init?(_ form: inout Form) {
        let words = PrincipalRole.allCases.map(\.rawValue).joined(separator: ", ")
        let everywhere = form.list("roles", "must be one of: \(words)", PrincipalRole.init)
        let teams = form.members("teams", countMax: Self.teamsMax) { Self.read(under: $0, $1, at: $2) }
        guard let everywhere, let teams, form.isGood else { return nil }
        self.init(
            everywhere: Set(everywhere),
            teams: teams.reduce(into: [:]) { roles, entry in
                if let team = Name<Team>(entry.key) { roles[team] = entry.value }
            }
        )
    }

    private static func read(
        under name: String,
        _ json: JSON,
        at place: String
    ) -> Result<Set<PrincipalRole>, Refusal> {
        let words = PrincipalRole.ofTeams.map(\.rawValue).joined(separator: ", ")
        let texts: [JSON] = if case .array(let elements) = json { elements } else { [] }
        let roles = texts.compactMap { $0.string.flatMap(PrincipalRole.init) }.filter(PrincipalRole.ofTeams.contains)
        guard Name<Team>(name) != nil, !roles.isEmpty, roles.count == texts.count else {
            let detail = "must be a list, under a team's name, of roles that a team has: \(words)"
            return .failure(Refusal(problems: [FieldProblem(at: place, detail)]))
        }
        return .success(Set(roles))
    }

    /// The same two fields.
    package var members: [String: JSON] {
        var members: [String: JSON] = ["roles": Self.json(self.everywhere)]
        if !self.teams.isEmpty {
            let teams = self.teams.map { ($0.key.text, Self.json($0.value)) }
            members["teams"] = .object(Dictionary(uniqueKeysWithValues: teams))
        }
        return members
    }

    private static func json(_ roles: Set<PrincipalRole>) -> JSON {
        .array(PrincipalRole.allCases.filter(roles.contains).map { .string($0.rawValue) })
    }

    /// For people: `author, approver; viewer for demo`.
    var phrase: String {
        func words(_ roles: Set<PrincipalRole>) -> String {
            PrincipalRole.allCases.filter(roles.contains).map(\.rawValue).joined(separator: ", ")
        }
        let ofTeams = self.teams.sorted { $0.key < $1.key }.map { "\(words($0.value)) for \($0.key)" }
        return ([words(self.everywhere)] + ofTeams).filter { !$0.isEmpty }.joined(separator: "; ")
    }
}
