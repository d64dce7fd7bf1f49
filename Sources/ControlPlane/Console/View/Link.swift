/// An address within the console.
enum Link {
    static let root = "/console"

    private static let nextBytesMax = 2_048

    /// Where an issuer sends people back to: each to a place of its own, by our name for it.
    static func signInCallback(_ issuer: String) -> String { Self.to("sign-in", "oidc", issuer) }

    /// Only an address of the console: whoever makes a link to the sign-in page does not choose where it leads.
    static func within(_ next: String?) -> String {
        guard let next, next == Self.root || next.hasPrefix("\(Self.root)/") || next.hasPrefix("\(Self.root)?"),
            next.utf8.count <= Self.nextBytesMax,
            next.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return Self.root }
        return next
    }

    /// `to("models", "local/m")` is `/console/models/local%2Fm`.
    static func to(_ segments: String...) -> String {
        ([Self.root] + segments.map(PercentEncoding.encode)).joined(separator: "/")
    }

    /// The address with a query; what is nil or empty is left out.
    static func to(_ path: String, query: KeyValuePairs<String, String?>) -> String {
        let items = query.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : "\(name)=\(PercentEncoding.encode($0))" }
        }
        return items.isEmpty ? path : "\(path)?\(items.joined(separator: "&"))"
    }
}
