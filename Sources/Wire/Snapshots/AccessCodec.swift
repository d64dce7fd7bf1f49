import Domain
import FoundationEssentials
import Schemas

/// Teams, roles and keys: keys' rows name their team and their set of roles by index in the access section.
struct AccessCodec {
    private static let roleSetsMax = 65_536
    private static let rolesMax = 64
    private static let metadataMax = 16
    private static let metadataLengthMax = 1_024

    let teams: [Team]
    let roles: [Role]
    private let roleSets: [[Name<Role>]]

    init(_ sections: SnapshotSections) {
        self.teams = sections.teams.sorted { $0.name < $1.name }
        self.roles = sections.roles.sorted { $0.name < $1.name }
        self.roleSets = Set(sections.keys.map { Self.roleSet($0) }).sorted { $0.lexicographicallyPrecedes($1) }
    }

    init(_ bytes: [UInt8]) throws(WireError) {
        let message = try PBAccessSection(strictly: bytes, atMost: Manifest.sectionSizeMax)
        try Check.format(message.format, supported: SectionCodec.format, "the section access")
        try Check.count(message.roleSets.count, atMost: Self.roleSetsMax, "role sets")
        var teams: [Team] = []
        for entry in message.teams { teams.append(try Self.team(entry)) }
        var roles: [Role] = []
        for entry in message.roles { roles.append(try Self.role(entry)) }
        var roleSets: [[Name<Role>]] = []
        for entry in message.roleSets {
            try Check.count(entry.roles.count, atMost: Self.rolesMax, "roles of a key")
            roleSets.append(try Check.names(entry.roles, "a role of a key"))
        }
        self.teams = teams
        self.roles = roles
        self.roleSets = roleSets
    }

    func encodeAccess() -> [UInt8] {
        var message = PBAccessSection()
        message.format = SectionCodec.format
        message.teams = self.teams.map { team in
            var entry = PBTeamEntry()
            entry.name = team.name.text
            entry.metadata = team.metadata
            return entry
        }
        message.roles = self.roles.map { role in
            var entry = PBRoleEntry()
            entry.name = role.name.text
            entry.routes = role.routes.map(\.text)
            entry.models = role.models.map(\.text)
            entry.explain = role.explain
            return entry
        }
        message.roleSets = self.roleSets.map { roles in
            var entry = PBRoleSet()
            entry.roles = roles.map(\.text)
            return entry
        }
        return message.deterministicBytes
    }

    /// One blob per shard.
    func encodeKeys(_ keys: [APIKey]) throws(WireError) -> [[UInt8]] {
        let teams = Dictionary(self.teams.enumerated().map { ($1.name, $0) }) { first, _ in first }
        let sets = Dictionary(self.roleSets.enumerated().map { ($1, $0) }) { first, _ in first }
        let count = KeyTable.shardCount(rows: keys.count)
        var shards = [[KeyTable.Row]](repeating: [], count: count)
        for key in keys {
            guard let team = teams[key.team], let roleSet = sets[Self.roleSet(key)] else {
                throw WireError(.invalid, "the key \(key.id) belongs to the team \(key.team), which is not there")
            }
            let row = KeyTable.Row(digest: key.digest, id: key.id, team: team, roleSet: roleSet, expires: key.expires)
            shards[KeyTable.shard(of: key.digest, count: count)].append(row)
        }
        var blobs: [[UInt8]] = []
        for rows in shards {
            var message = PBKeysSection()
            message.format = SectionCodec.format
            message.shards = UInt32(count)
            message.rows = Data(try KeyTable.encode(rows))
            blobs.append(message.deterministicBytes)
        }
        return blobs
    }

    /// Shards 0 ..< n, in order.
    func decodeKeys(_ shards: [[UInt8]]) throws(WireError) -> [APIKey] {
        guard SectionKind.keys.allows(shards: shards.count) else {
            throw WireError(.invalid, "the number of shards of keys is not a power of two")
        }
        var keys: [APIKey] = []
        for (number, bytes) in shards.enumerated() {
            let message = try PBKeysSection(strictly: bytes, atMost: Manifest.sectionSizeMax)
            try Check.format(message.format, supported: SectionCodec.format, "the section keys")
            guard Int(message.shards) == shards.count else {
                throw WireError(.invalid, "shard \(number) of keys is one of \(message.shards), not of \(shards.count)")
            }
            for row in try KeyTable.decode(Array(message.rows)) {
                guard KeyTable.shard(of: row.digest, count: shards.count) == number else {
                    throw WireError(.invalid, "the key \(row.id) stands in the wrong shard")
                }
                keys.append(try self.key(row))
            }
        }
        return keys
    }

    private func key(_ row: KeyTable.Row) throws(WireError) -> APIKey {
        guard self.teams.indices.contains(row.team), self.roleSets.indices.contains(row.roleSet) else {
            throw WireError(.invalid, "the key \(row.id) names a team or a role set that is not there")
        }
        return APIKey(
            id: row.id,
            digest: row.digest,
            team: self.teams[row.team].name,
            roles: self.roleSets[row.roleSet],
            expires: row.expires
        )
    }

    private static func roleSet(_ key: APIKey) -> [Name<Role>] { Set(key.roles).sorted() }

    private static func team(_ entry: PBTeamEntry) throws(WireError) -> Team {
        let name: Name<Team> = try Check.name(entry.name, "a team's name")
        try Check.count(entry.metadata.count, atMost: Self.metadataMax, "metadata of the team \(name)")
        for (key, value) in entry.metadata {
            _ = try Check.nonEmptyText(key, atMost: Self.metadataLengthMax, "metadata of the team \(name)")
            _ = try Check.text(value, atMost: Self.metadataLengthMax, "metadata of the team \(name)")
        }
        return Team(name: name, metadata: entry.metadata)
    }

    private static func role(_ entry: PBRoleEntry) throws(WireError) -> Role {
        let name: Name<Role> = try Check.name(entry.name, "a role's name")
        return Role(
            name: name,
            routes: try Self.patterns(entry.routes, of: name),
            models: try Self.patterns(entry.models, of: name),
            explain: entry.explain
        )
    }

    private static func patterns(_ texts: [String], of role: Name<Role>) throws(WireError) -> [NamePattern] {
        var patterns: [NamePattern] = []
        for text in texts {
            guard let pattern = NamePattern(text) else {
                throw WireError(.invalid, "the role \(role) has a pattern that is none")
            }
            patterns.append(pattern)
        }
        return patterns
    }
}
