import Domain
import Schemas

/// What budgets and limits have in common: which attempts they are about.
enum ScopeCodec {
    static func entry(_ scope: Scope) -> PBScopeEntry {
        var entry = PBScopeEntry()
        entry.team = scope.team?.text ?? ""
        entry.application = scope.application?.text ?? ""
        entry.route = scope.route?.text ?? ""
        entry.model = scope.model?.text ?? ""
        entry.provider = scope.provider?.text ?? ""
        entry.task = scope.task ?? ""
        entry.metadata = scope.metadata
        return entry
    }

    static func scope(_ entry: PBScopeEntry, of subject: String) throws(WireError) -> Scope {
        try Check.count(entry.metadata.count, atMost: Scope.metadataMax, "metadata of \(subject)")
        for (key, value) in entry.metadata {
            _ = try Check.nonEmptyText(key, atMost: Scope.metadataBytesMax, "metadata of \(subject)")
            _ = try Check.text(value, atMost: Scope.metadataBytesMax, "metadata of \(subject)")
        }
        let task = try Check.text(entry.task, atMost: Scope.taskLengthMax, "the task of \(subject)")
        return Scope(
            team: try Self.name(entry.team, "the team of \(subject)"),
            application: entry.application.isEmpty
                ? nil : try Check.application(entry.application, "the key of \(subject)"),
            route: try Self.name(entry.route, "the route of \(subject)"),
            model: try Self.name(entry.model, "the model of \(subject)"),
            provider: try Self.name(entry.provider, "the provider of \(subject)"),
            task: task.isEmpty ? nil : task,
            metadata: entry.metadata
        )
    }

    private static func name<Subject>(_ text: String, _ field: String) throws(WireError) -> Name<Subject>? {
        text.isEmpty ? nil : try Check.name(text, field)
    }
}
