/// Whether a form was sent by a page of ours, as browsers say.
///
/// `Sec-Fetch-Site` is the better word, but is only sent where the connection can be trusted; `Origin` comes with every
/// post. A request with neither is no browser's and has no business here.
package enum SameOrigin {
    package static func holds(fetchSite: String?, origin: String?, host: String?) -> Bool {
        if let fetchSite { return fetchSite == "same-origin" }
        guard let origin, let host, let mark = origin.firstRange(of: "://") else { return false }
        return origin[mark.upperBound...].lowercased() == host.lowercased()
    }
}
