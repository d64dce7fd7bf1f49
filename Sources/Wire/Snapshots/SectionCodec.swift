package import Domain
import FoundationEssentials
import Schemas

/// A snapshot's contents ⇄ its sections. The same contents always give the same bytes, so that what did not change
/// keeps its digest and is not fetched again.
package enum SectionCodec {
    package static let format: UInt32 = 1

    /// Refuses what a row of keys cannot hold, a key of a team that is not there, and sections over 8 MiB.
    package static func encode(_ sections: SnapshotSections) throws(WireError) -> [SnapshotSection] {
        var parts = [
            Self.section(.catalog, CatalogCodec.encode(sections)),
            Self.section(.routes, RoutesCodec.encode(sections.routes)),
        ]
        let access = AccessCodec(sections)
        parts.append(Self.section(.access, access.encodeAccess()))
        let shards = try access.encodeKeys(sections.keys)
        for (number, bytes) in shards.enumerated() { parts.append(Self.section(.keys, shard: number, bytes)) }
        for (number, bytes) in PromptsCodec.encode(sections.prompts).enumerated() {
            parts.append(Self.section(.prompts, shard: number, isCritical: false, bytes))
        }
        if !sections.issuers.isEmpty {
            parts.append(Self.section(.issuers, isCritical: false, IssuersCodec.encode(sections.issuers)))
        }
        if !sections.budgets.isEmpty { parts.append(Self.section(.budgets, BudgetsCodec.encode(sections.budgets))) }
        if !sections.limits.isEmpty { parts.append(Self.section(.limits, LimitsCodec.encode(sections.limits))) }
        for part in parts where part.bytes.count > Manifest.sectionSizeMax {
            throw WireError(.tooLong, "the section \(part.kind)/\(part.shard) is over \(Manifest.sectionSizeMax) bytes")
        }
        return parts
    }

    /// Reads the kinds that this build knows; others are left alone. Whether the parts fit together is
    /// `SnapshotContent`'s to say.
    package static func decode(_ sections: [SnapshotSection]) throws(WireError) -> SnapshotSections {
        var result = SnapshotSections()
        try CatalogCodec.decode(try Self.bytes(of: .catalog, in: sections), into: &result)
        result.routes = try RoutesCodec.decode(try Self.bytes(of: .routes, in: sections))
        let access = try AccessCodec(try Self.bytes(of: .access, in: sections))
        result.teams = access.teams
        result.roles = access.roles
        result.keys = try access.decodeKeys(Self.shards(of: .keys, in: sections))
        result.prompts = try PromptsCodec.decode(Self.shards(of: .prompts, in: sections))
        for bytes in Self.shards(of: .issuers, in: sections) { result.issuers += try IssuersCodec.decode(bytes) }
        for bytes in Self.shards(of: .budgets, in: sections) { result.budgets += try BudgetsCodec.decode(bytes) }
        for bytes in Self.shards(of: .limits, in: sections) { result.limits += try LimitsCodec.decode(bytes) }
        return result
    }

    private static func section(
        _ kind: SectionKind,
        shard: Int = 0,
        isCritical: Bool = true,
        _ bytes: [UInt8]
    ) -> SnapshotSection {
        SnapshotSection(kind: kind.rawValue, shard: shard, isCritical: isCritical, bytes: bytes)
    }

    private static func shards(of kind: SectionKind, in sections: [SnapshotSection]) -> [[UInt8]] {
        sections.filter { $0.kind == kind.rawValue }.sorted { $0.shard < $1.shard }.map(\.bytes)
    }

    private static func bytes(
        of kind: SectionKind,
        in sections: [SnapshotSection]
    ) throws(WireError) -> [UInt8] {
        guard let section = sections.first(where: { $0.kind == kind.rawValue }) else {
            throw WireError(.invalid, "the section \(kind.rawValue) is missing")
        }
        return section.bytes
    }
}
