import Domain
import Schemas
import SwiftProtobuf

/// Routes with their rules and timeouts.
enum RoutesCodec {
    private static let rulesMax = 256
    private static let modelsMax = 64
    /// A day, in milliseconds.
    private static let timeoutMax: Int64 = 86_400_000

    static func encode(_ routes: [Route]) -> [UInt8] {
        var message = PBRoutesSection()
        message.format = SectionCodec.format
        message.routes = routes.sorted { $0.name < $1.name }.map(Self.entry)
        return message.deterministicBytes
    }

    static func decode(_ bytes: [UInt8]) throws(WireError) -> [Route] {
        let message = try PBRoutesSection(strictly: bytes, atMost: Manifest.sectionSizeMax)
        try Check.format(message.format, supported: SectionCodec.format, "the section routes")
        var routes: [Route] = []
        for entry in message.routes { routes.append(try Self.route(entry)) }
        return routes
    }

    private static func entry(_ route: Route) -> PBRouteEntry {
        var entry = PBRouteEntry()
        entry.name = route.name.text
        entry.rules = route.rules.map { rule in
            var entry = PBRuleEntry()
            entry.use = rule.use.map(\.text)
            entry.fallback = rule.fallback.map(\.text)
            return entry
        }
        entry.maxOutput = route.maxOutput
        entry.timeouts.connect = route.timeouts.connect
        entry.timeouts.firstByteStreamed = route.timeouts.firstByteStreamed
        entry.timeouts.firstByteWhole = route.timeouts.firstByteWhole
        entry.timeouts.betweenChunks = route.timeouts.betweenChunks
        entry.timeouts.total = route.timeouts.total
        entry.retryBilled = route.retryBilled
        entry.hangUp = route.hangUp.rawValue
        return entry
    }

    private static func route(_ entry: PBRouteEntry) throws(WireError) -> Route {
        let name: Name<Route> = try Check.name(entry.name, "a route's name")
        try Check.count(entry.rules.count, atMost: Self.rulesMax, "rules of the route \(name)")
        var rules: [Route.Rule] = []
        for rule in entry.rules {
            // A rule under a condition that this build cannot read must not pass for one that always applies.
            guard rule.unknownFields.data.isEmpty else {
                throw WireError(.newer, "a rule of the route \(name) says what this build does not know: upgrade it")
            }
            let models = rule.use.count + rule.fallback.count
            try Check.count(models, atMost: Self.modelsMax, "models in a rule of the route \(name)")
            rules.append(
                Route.Rule(
                    use: try Check.names(rule.use, "a model of the route \(name)"),
                    fallback: try Check.names(rule.fallback, "a fallback of the route \(name)")
                )
            )
        }
        return Route(
            name: name,
            rules: rules,
            maxOutput: try Check.amount(
                entry.maxOutput,
                in: 1...CatalogCodec.tokensMax,
                "max_output of the route \(name)"
            ),
            timeouts: try Self.timeouts(entry, of: name),
            retryBilled: entry.retryBilled,
            hangUp: try Check.choice(entry.hangUp, of: Route.HangUp.self, "hang_up of the route \(name)")
        )
    }

    private static func timeouts(_ entry: PBRouteEntry, of route: Name<Route>) throws(WireError) -> Timeouts {
        func wait(_ value: Int64, _ field: String) throws(WireError) -> Int64 {
            try Check.amount(value, in: 1...Self.timeoutMax, "timeout \(field) of the route \(route)")
        }
        let timeouts = entry.timeouts
        return Timeouts(
            connect: try wait(timeouts.connect, "connect"),
            firstByteStreamed: try wait(timeouts.firstByteStreamed, "first_byte_streamed"),
            firstByteWhole: try wait(timeouts.firstByteWhole, "first_byte_whole"),
            betweenChunks: try wait(timeouts.betweenChunks, "between_chunks"),
            total: try wait(timeouts.total, "total")
        )
    }
}
