/// A page's place in a collection, by the admin API's cursors.
enum Paging {
    static func query(_ visit: Visit) -> [String: String] { visit.query["after"].map { ["after": $0] } ?? [:] }

    static func json(_ page: JSON, _ visit: Visit, _ link: String) -> JSON {
        let next = page["next"]?.string.map { next in
            "\(link)\(link.contains("?") ? "&" : "?")after=\(PercentEncoding.encode(next))"
        }
        let isFirst = visit.query["after"] == nil
        guard next != nil || !isFirst else { return .null }
        return ["next": next.map(JSON.string) ?? .null, "first": isFirst ? .null : .string(link)]
    }
}
