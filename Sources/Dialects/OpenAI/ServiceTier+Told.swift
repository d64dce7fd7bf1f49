internal import Domain

extension ServiceTier {
    /// The `service_tier` of an answer: at which one it was served, whatever was asked for. Nil for one that has no rates
    /// of its own in price lists, such as capacity that is paid for apart.
    init?(told member: JSONMember) {
        // Longer than the longest word below: not worth a string.
        guard member.kind == .string, member.stringLength <= 8 else { return nil }
        switch member.string {
        case "default", "standard": self = .standard
        case "flex": self = .flex
        case "priority": self = .priority
        case "batch": self = .batch
        default: return nil
        }
    }
}
