package import Logging

#if canImport(Glibc)
import Glibc
#endif

/// Writes each record as one line, in one call, so that lines of many threads never mix.
///
/// A record can neither break its line nor forge another: control characters are escaped in both formats. Values are
/// cut at `valueBytesMax`.
package struct LineLogHandler: LogHandler {
    static let valueBytesMax = 4096

    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogOptions.Format
    private let write: @Sendable (String) -> Void
    private let now: @Sendable () -> (seconds: Int, milliseconds: Int)

    package init(
        label: String,
        _ options: LogOptions,
        write: @escaping @Sendable (String) -> Void = { StandardError.write($0) },
        now: @escaping @Sendable () -> (seconds: Int, milliseconds: Int) = { WallClock.now() }
    ) {
        self.label = label
        self.logLevel = options.level
        self.format = options.format
        self.write = write
        self.now = now
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = self.metadata
        if let provided = self.metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        if let error = event.error { fields["error"] = "\(error)" }
        let sorted = fields.sorted { $0.key < $1.key }.map { ($0.key, Self.cut("\($0.value)")) }
        let time = WallClock.rfc3339(self.now())
        switch self.format {
        case .json: self.write(self.json(event, time, sorted))
        case .text: self.write(self.text(event, time, sorted))
        }
    }

    private func json(_ event: LogEvent, _ time: String, _ fields: [(String, String)]) -> String {
        let own = [
            ("time", time), ("level", event.level.rawValue), ("logger", self.label), ("message", "\(event.message)"),
        ]
        let members = (own + fields).map { "\(JSONText.quoted($0)):\(JSONText.quoted($1))" }
        return "{\(members.joined(separator: ","))}\n"
    }

    private func text(_ event: LogEvent, _ time: String, _ fields: [(String, String)]) -> String {
        let level = event.level.rawValue.uppercased()
        let pairs = fields.map {
            " \($0)=\($1.contains(" ") || $1.isEmpty ? JSONText.quoted($1) : JSONText.escaped($1))"
        }
        return "\(time) \(level) \(self.label) \(JSONText.escaped("\(event.message)"))\(pairs.joined())\n"
    }

    private static func cut(_ value: String) -> String {
        value.utf8.count <= Self.valueBytesMax
            ? value : String(decoding: value.utf8.prefix(Self.valueBytesMax), as: UTF8.self) + "…"
    }
}
