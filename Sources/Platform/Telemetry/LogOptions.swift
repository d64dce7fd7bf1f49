package import Logging

/// How a daemon logs: one record a line on standard error, from this level up.
package struct LogOptions: Hashable, Sendable {
    package enum Format: String, Hashable, Sendable, CaseIterable {
        /// One JSON object a line, for collectors.
        case json
        /// `time LEVEL message key=value …`, for people.
        case text
    }

    package var level: Logger.Level
    package var format: Format

    package init(level: Logger.Level = .info, format: Format = .text) {
        self.level = level
        self.format = format
    }

    /// Options `log-level` (trace … critical, default info) and `log-format` (json or text, default text).
    package init(_ options: Options) throws(StartupFault) {
        self.level = try options.choice("log-level", default: Logger.Level.info)
        self.format = try options.choice("log-format", default: Format.text)
    }

    /// The process's logger, and the one that libraries get. Call it once, first thing.
    package func bootstrap(_ program: String) -> Logger {
        let chosen = self
        LoggingSystem.bootstrap { label in LineLogHandler(label: label, chosen) }
        return Logger(label: program)
    }
}
