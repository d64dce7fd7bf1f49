import Domain
import Schemas

/// Limits on requests, tokens and exchanges at once.
enum LimitsCodec {
    static func encode(_ limits: [Limit]) -> [UInt8] {
        var message = PBLimitsSection()
        message.format = SectionCodec.format
        message.limits = limits.sorted { $0.name < $1.name }.map(Self.entry)
        return message.deterministicBytes
    }

    static func decode(_ bytes: [UInt8]) throws(WireError) -> [Limit] {
        let message = try PBLimitsSection(strictly: bytes, atMost: Manifest.sectionSizeMax)
        try Check.format(message.format, supported: SectionCodec.format, "the section limits")
        try Check.count(message.limits.count, atMost: ScopedIndex<Limit>.itemsMax, "limits")
        var limits: [Limit] = []
        for entry in message.limits { limits.append(try Self.limit(entry)) }
        return limits
    }

    private static func entry(_ limit: Limit) -> PBLimitEntry {
        var entry = PBLimitEntry()
        entry.name = limit.name.text
        if !limit.scope.isEverything { entry.scope = ScopeCodec.entry(limit.scope) }
        entry.per = limit.per.rawValue
        entry.requestsPerMinute = limit.requestsPerMinute ?? 0
        entry.tokensPerMinute = limit.tokensPerMinute ?? 0
        entry.concurrent = limit.concurrent ?? 0
        return entry
    }

    private static func limit(_ entry: PBLimitEntry) throws(WireError) -> Limit {
        let name: Name<Limit> = try Check.name(entry.name, "a limit's name")
        return Limit(
            name: name,
            scope: try ScopeCodec.scope(entry.scope, of: "the limit \(name)"),
            per: try Check.choice(entry.per, of: Division.self, "what the limit \(name) counts apart"),
            requestsPerMinute: try Self.count(entry.requestsPerMinute, of: name),
            tokensPerMinute: try Self.count(entry.tokensPerMinute, of: name),
            concurrent: try Self.count(entry.concurrent, of: name)
        )
    }

    private static func count(_ value: Int64, of name: Name<Limit>) throws(WireError) -> Int64? {
        value == 0 ? nil : try Check.amount(value, in: 1...Limit.countMax, "a number of the limit \(name)")
    }
}
