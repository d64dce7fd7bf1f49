import FoundationEssentials

/// What a program was told: each option is a flag, else a `MARTLET_…` environment variable, else a key in the
/// `--config` file, else its default.
///
/// An option's one name is its flag's: `drain-delay` is `--drain-delay`, `MARTLET_DRAIN_DELAY` and the top-level key
/// `drain-delay:`. Values are checked where they are read; a bad one is a `StartupFault` that says where it stood.
/// Reading a name that the program has not declared is a programmer's mistake.
package struct Options: Sendable {
    /// A paragraph for each program's `--help`.
    package static let discussion = """
        Every option can also be set by an environment variable (--drain-delay is MARTLET_DRAIN_DELAY) and by a key \
        in the YAML file that --config names (drain-delay: 5s). A flag wins over the environment, the environment \
        over the file. Durations are written 500ms, 5s, 2m or 1h.

        Exit codes: 0 done, 64 usage, 69 unavailable, 78 bad configuration.
        """

    private let declared: Set<String>
    /// The command line's first.
    private let sources: [OptionSource]

    /// Reads the configuration file, if there is one.
    ///
    /// - Parameters:
    ///   - flags: every option of this program by name, with the flag's value where it was given. Lists are joined
    ///     with commas; a switch is `Options.on(_:)`.
    ///   - environment: normally the process's own.
    ///   - elsewhere: options of the program's other subcommands, which the file may hold too.
    ///   - defaultFile: the file to read, if it exists, when no `config` option says another.
    /// - Throws: where the file is missing, is not YAML or holds a key that is no option.
    package init(
        flags: [String: String?],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        elsewhere: Set<String> = [],
        defaultFile: String? = nil
    ) throws(StartupFault) {
        let declared = Set(flags.keys).union(["config"])
        let given = flags.compactMapValues { $0 }
        let variables = environment.filter { !$0.value.isEmpty }
        let named = given["config"] ?? variables[OptionSource.environmentName(of: "config")]
        let file = try OptionSource.file(
            at: named ?? defaultFile,
            mustExist: named != nil,
            known: declared.union(elsewhere)
        )
        self.declared = declared
        self.sources = [.flags(given), .environment(variables)] + [file].compactMap(\.self)
    }

    /// A switch's flag. Off is "not given", so that the environment or the file may still turn it on.
    package static func on(_ given: Bool) -> String? { given ? "true" : nil }

    /// Nil where nobody gave it.
    package func string(_ name: String) throws(StartupFault) -> String? {
        try self.find(name, as: { $0 }, orElse: "a single value")
    }

    package func string(_ name: String, default fallback: String) throws(StartupFault) -> String {
        try self.string(name) ?? fallback
    }

    /// `hint` says what to give, for the error: "the control plane's URL, such as http://127.0.0.1:8401".
    package func required(_ name: String, hint: String) throws(StartupFault) -> String {
        if let value = try self.string(name) { return value }
        let variable = OptionSource.environmentName(of: name)
        throw StartupFault(.usage, "--\(name) is missing: give \(hint) (or set \(variable))")
    }

    package func isOn(_ name: String) throws(StartupFault) -> Bool {
        let words = [
            "true": true, "1": true, "yes": true, "on": true, "false": false, "0": false, "no": false, "off": false,
        ]
        return try self.find(name, as: { words[$0.lowercased()] }, orElse: "true or false") ?? false
    }

    /// A switch for what is done once and knowingly. It counts on the command line only, and is refused elsewhere: left
    /// in a file or the environment it would be done again, the next time by nobody's wish.
    package func isOnCommandLine(_ name: String) throws(StartupFault) -> Bool {
        for source in self.sources.dropFirst() where try source.string(name) != nil {
            throw StartupFault(source.exit, "\(source.name(name)): it counts on the command line only, as --\(name)")
        }
        return try self.isOn(name)
    }

    package func int(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws(StartupFault) -> Int {
        let read: (String) -> Int? = { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
        return try self.find(name, as: read, orElse: "a whole number in \(range)") ?? fallback
    }

    package func number(
        _ name: String,
        default fallback: Double,
        in range: ClosedRange<Double>
    ) throws(StartupFault) -> Double {
        let read: (String) -> Double? = { text in Double(text).flatMap { range.contains($0) ? $0 : nil } }
        return try self.find(name, as: read, orElse: "a number in \(range)") ?? fallback
    }

    package func duration(_ name: String, default fallback: Duration) throws(StartupFault) -> Duration {
        try self.find(name, as: { Duration(written: $0) }, orElse: "a duration such as 500ms, 5s, 2m or 1h") ?? fallback
    }

    package func address(_ name: String, default fallback: NetworkAddress) throws(StartupFault) -> NetworkAddress {
        try self.find(name, as: { NetworkAddress($0) }, orElse: "an address such as 127.0.0.1:8480") ?? fallback
    }

    /// One of a closed set of words.
    package func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String,
        default fallback: Choice
    ) throws(StartupFault) -> Choice where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return try self.find(name, as: { Choice(rawValue: $0) }, orElse: "one of \(words)") ?? fallback
    }

    /// Comma-separated in a flag or the environment; a YAML sequence, or the same, in the file. Empty if not given.
    package func list(_ name: String) throws(StartupFault) -> [String] {
        precondition(self.declared.contains(name), "option \(name) is read but not declared")
        for source in self.sources {
            guard let values = try source.list(name) else { continue }
            return values.map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
        }
        return []
    }

    private func find<Value>(
        _ name: String,
        as read: (String) -> Value?,
        orElse expected: String
    ) throws(StartupFault) -> Value? {
        precondition(self.declared.contains(name), "option \(name) is read but not declared")
        for source in self.sources {
            guard let text = try source.string(name) else { continue }
            guard let value = read(text) else {
                throw StartupFault(source.exit, "\(source.name(name)): must be \(expected)")
            }
            return value
        }
        return nil
    }
}

extension String {
    fileprivate func trimmingSpaces() -> String {
        String(self.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
