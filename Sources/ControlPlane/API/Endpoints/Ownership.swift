import Domain
import Storage

/// Whether the things of a kind are shared or each a team's, and so where the permission to see and write them must hold.
enum Ownership {
    /// Anybody who may read anything sees them; who writes them does so for all.
    case shared
    /// The installation's alone.
    case kept
    /// Each has a team (`CatalogContent.owner`), whose people see it.
    case byTeams(writtenByThem: Bool)

    var isOfTeams: Bool { if case .byTeams = self { true } else { false } }

    var listing: Reach { if case .kept = self { .everywhere } else { .anywhere } }

    var reading: Reach {
        switch self {
        case .shared: .anywhere
        case .kept: .everywhere
        case .byTeams: .teams { try $0.teamsOfItem($1) }
        }
    }

    var writing: Reach {
        if case .byTeams(writtenByThem: true) = self {
            .teams { try $0.teamsOfItem($1) + $0.teamOfBody() }
        } else {
            .everywhere
        }
    }
}

extension Kind {
    /// Whether each of these is a team's. What such a thing would become is nobody else's to see either.
    var isOfTeams: Bool {
        switch self {
        case .teams, .keys, .budgets, .limits: true
        case .roles, .secrets, .providers, .models, .routes, .prompts, .principals, .issuers: false
        }
    }
}

extension Call {
    /// Whose the thing in the address is; empty if there is none.
    ///
    /// - Throws: a `Problem` of 404 where it is no team's own and the caller does not see everything, as in the list.
    func teamsOfItem(_ reading: Reading) throws -> [Name<Team>] {
        let name = self.parameter("name")
        guard let kind = self.kind, let latest = try reading.latest(kind, name) else { return [] }
        if let owner = try kind.content.read(latest).owner { return [owner] }
        guard self.caller.grants.permit(.read) else { throw Problem.notFound("\(kind.singular) \(name)") }
        return []
    }

    /// Whose the thing in the body would be; empty if it names none, which is refused where the body is read.
    func teamOfBody() -> [Name<Team>] {
        [self.body?["team"]?.string.flatMap(Name<Team>.init)].compactMap(\.self)
    }
}
