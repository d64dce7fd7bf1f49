internal import Domain

/// What a request says of its task, from all the places where it can say it.
///
/// Where two places name the same thing, the stronger one wins: the team's pins, `martlet-metadata`, the body,
/// Helicone's headers; last whom the caller's token is about, who is then the user.
struct TaskMetadata: Hashable, Sendable {
    static let pairsMax = 16
    /// Bytes of all names and values, and of the task.
    static let bytesMax = 1_024

    let task: String
    /// Empty if nobody named one.
    let user: String
    let pairs: [String: String]

    init(
        fields: Fields,
        bodyUser: String = "",
        bodyPairs: [String: String] = [:],
        team: [String: String] = [:],
        subject: String = ""
    ) throws(Fault) {
        var pairs = Self.helicone(fields)
        pairs.merge(bodyPairs) { $1 }
        if !bodyUser.isEmpty { pairs["user"] = bodyUser }
        if let text = fields.joined("martlet-metadata") {
            guard let dictionary = StructuredDictionary(text) else { throw .badMetadata }
            pairs.merge(dictionary.pairs) { $1 }
        }
        pairs.merge(team) { $1 }
        let bytes = pairs.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard pairs.count <= Self.pairsMax, bytes <= Self.bytesMax else { throw .tooMuchMetadata }
        self.task = fields["martlet-task"] ?? ""
        guard self.task.utf8.count <= Self.bytesMax else { throw .taskTooLong }
        self.user = pairs.removeValue(forKey: "user") ?? subject
        self.pairs = pairs
    }

    private static func helicone(_ fields: Fields) -> [String: String] {
        let prefix: FieldName = "helicone-property-"
        var pairs: [String: String] = [:]
        for index in fields.indices where fields.hasPrefix("helicone-", at: index) {
            if fields.isNamed("helicone-user-id", at: index) {
                pairs["user"] = fields.value(at: index)
            } else if fields.hasPrefix(prefix, at: index), !fields.isNamed(prefix, at: index) {
                pairs[String(fields.name(at: index).dropFirst(prefix.length))] = fields.value(at: index)
            }
        }
        return pairs
    }
}

extension Fault {
    fileprivate static let badMetadata = Fault(
        .invalidRequest,
        parameter: "martlet-metadata",
        "The header 'martlet-metadata' is not a dictionary as RFC 8941 writes it. Example: user=ann, data_class=\"eu-personal\"."
    )
    fileprivate static let tooMuchMetadata = Fault(
        .invalidRequest,
        parameter: "martlet-metadata",
        "Task metadata has more than \(TaskMetadata.pairsMax) pairs or \(TaskMetadata.bytesMax) bytes in all. Send less."
    )
    fileprivate static let taskTooLong = Fault(
        .invalidRequest,
        parameter: "martlet-task",
        "The header 'martlet-task' is longer than \(TaskMetadata.bytesMax) bytes. Send a name."
    )
}
