import Domain
import FoundationEssentials
import Schemas

/// Issuers of applications' tokens, with their rules and keys.
enum IssuersCodec {
    private static let issuersMax = 256
    private static let audiencesMax = 20
    private static let rulesMax = 200
    private static let rolesMax = 64
    private static let keysMax = 100
    private static let textMax = 2_048

    static func encode(_ issuers: [Issuer]) -> [UInt8] {
        var message = PBIssuersSection()
        message.format = SectionCodec.format
        message.issuers = issuers.sorted { $0.name < $1.name }.map(Self.entry)
        return message.deterministicBytes
    }

    static func decode(_ bytes: [UInt8]) throws(WireError) -> [Issuer] {
        let message = try PBIssuersSection(strictly: bytes, atMost: Manifest.sectionSizeMax)
        try Check.format(message.format, supported: SectionCodec.format, "the section issuers")
        try Check.count(message.issuers.count, atMost: Self.issuersMax, "issuers")
        var issuers: [Issuer] = []
        for entry in message.issuers { issuers.append(try Self.issuer(entry)) }
        return issuers
    }

    private static func entry(_ issuer: Issuer) -> PBIssuerEntry {
        var entry = PBIssuerEntry()
        entry.name = issuer.name.text
        entry.identifier = issuer.identifier
        entry.audiences = issuer.audiences
        entry.subjectClaim = issuer.subjectClaim
        entry.rules = issuer.rules.map { rule in
            var entry = PBApplicationRuleEntry()
            entry.claim = rule.claim
            entry.value = rule.value
            entry.team = rule.team.text
            entry.roles = rule.roles.map(\.text)
            return entry
        }
        entry.keys = issuer.keys.map(Self.entry)
        return entry
    }

    private static func entry(_ key: IssuerKey) -> PBIssuerKeyEntry {
        var entry = PBIssuerKeyEntry()
        entry.id = key.id ?? ""
        entry.algorithm = key.algorithm?.rawValue ?? ""
        switch key.material {
        case .rsa(let modulus, let exponent):
            entry.rsa.modulus = Data(modulus)
            entry.rsa.exponent = Data(exponent)
        case .elliptic(let curve, let x, let y):
            entry.elliptic.curve = curve.rawValue
            entry.elliptic.x = Data(x)
            entry.elliptic.y = Data(y)
        case .ed25519(let x): entry.ed25519 = Data(x)
        }
        return entry
    }

    private static func issuer(_ entry: PBIssuerEntry) throws(WireError) -> Issuer {
        let name: Name<Issuer> = try Check.name(entry.name, "an issuer's name")
        try Check.count(entry.audiences.count, atMost: Self.audiencesMax, "audiences of the issuer \(name)")
        try Check.count(entry.rules.count, atMost: Self.rulesMax, "rules of the issuer \(name)")
        try Check.count(entry.keys.count, atMost: Self.keysMax, "keys of the issuer \(name)")
        var audiences: [String] = []
        for text in entry.audiences { audiences.append(try Self.text(text, of: name)) }
        var rules: [ApplicationRule] = []
        for rule in entry.rules { rules.append(try Self.rule(rule, of: name)) }
        var keys: [IssuerKey] = []
        for key in entry.keys { keys += [try Self.key(key, of: name)].compactMap { $0 } }
        return Issuer(
            name: name,
            identifier: try Self.text(entry.identifier, of: name),
            audiences: audiences,
            subjectClaim: try Self.text(entry.subjectClaim, of: name),
            rules: rules,
            keys: keys
        )
    }

    private static func rule(
        _ entry: PBApplicationRuleEntry,
        of name: Name<Issuer>
    ) throws(WireError) -> ApplicationRule {
        try Check.count(entry.roles.count, atMost: Self.rolesMax, "roles of a rule of the issuer \(name)")
        return ApplicationRule(
            claim: try Self.text(entry.claim, of: name),
            value: try Self.text(entry.value, of: name),
            team: try Check.name(entry.team, "a team of the issuer \(name)"),
            roles: try Check.names(entry.roles, "a role of the issuer \(name)")
        )
    }

    /// Nil for what a newer build made of it: what is signed with it is refused, and the rest goes on.
    private static func key(_ entry: PBIssuerKeyEntry, of name: Name<Issuer>) throws(WireError) -> IssuerKey? {
        let material: IssuerKey.Material
        switch entry.kind {
        case .rsa(let rsa): material = .rsa(modulus: [UInt8](rsa.modulus), exponent: [UInt8](rsa.exponent))
        case .elliptic(let point):
            guard let curve = IssuerKey.Curve(rawValue: point.curve) else { return nil }
            material = .elliptic(curve, x: [UInt8](point.x), y: [UInt8](point.y))
        case .ed25519(let x): material = .ed25519([UInt8](x))
        case nil: return nil
        }
        let id = try Check.text(entry.id, atMost: Self.textMax, "the id of a key of the issuer \(name)")
        let algorithm = TokenAlgorithm(rawValue: entry.algorithm)
        guard algorithm != nil || entry.algorithm.isEmpty else { return nil }
        return IssuerKey(id: id.isEmpty ? nil : id, algorithm: algorithm, material: material)
    }

    private static func text(_ text: String, of name: Name<Issuer>) throws(WireError) -> String {
        try Check.nonEmptyText(text, atMost: Self.textMax, "a text of the issuer \(name)")
    }
}
