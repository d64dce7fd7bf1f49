/// An address within the console.
enum Link {
    static let root = "/console"

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
