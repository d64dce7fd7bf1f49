internal import Crypto
internal import Domain

extension Snapshot {
    /// The API key that a request carries, in whichever header its vendor's SDK puts it.
    func key(of fields: Fields, at now: Timestamp) throws(Fault) -> APIKey {
        var found: Substring?
        for field in fields.list {
            guard let text = CallerKey.text(in: field) else { continue }
            guard found == nil || found == text else { throw .twoKeys }
            found = text
        }
        guard let found else { throw .noKey }
        guard let digest = Digest(SHA256.hash(data: Array(found.utf8))), let key = self.key(digest, at: now) else {
            throw .unknownKey
        }
        return key
    }
}

enum CallerKey {
    /// The key in a header that carries one; nil for other headers and for other schemes of authorization.
    static func text(in field: (name: String, value: String)) -> Substring? {
        switch field.name {
        case "x-api-key", "api-key", "x-goog-api-key": return Substring(field.value)
        case "authorization":
            let scheme = field.value.prefix { $0 != " " }
            guard scheme.lowercased() == "bearer" else { return nil }
            return field.value.dropFirst(scheme.count).drop { $0 == " " }
        default: return nil
        }
    }
}

extension Fault {
    fileprivate static let noKey = Fault(
        .invalidAPIKey,
        "No API key. Send yours as 'Authorization: Bearer mk_…', 'x-api-key', 'api-key' or 'x-goog-api-key'."
    )
    fileprivate static let twoKeys = Fault(
        .invalidAPIKey,
        "The request carries two different API keys. Send one."
    )
    fileprivate static let unknownKey = Fault(
        .invalidAPIKey,
        "This API key is unknown, expired or revoked. Ask your platform team for a valid one."
    )
}
