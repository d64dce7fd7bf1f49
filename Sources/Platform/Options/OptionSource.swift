import Configuration
import FoundationEssentials

/// One place where options stand, with the words for an error about what stands there.
struct OptionSource: Sendable {
    /// A bad flag is bad usage; a bad variable or file is bad configuration.
    let exit: ExitStatus
    /// How a person calls the option here: `--drain-delay`, `MARTLET_DRAIN_DELAY`, `martlet.yaml: drain-delay`.
    let name: @Sendable (String) -> String
    private let value: @Sendable (AbsoluteConfigKey, ConfigType) throws -> LookupResult

    static let fileBytesMax = 1 << 20

    static func flags(_ given: [String: String]) -> OptionSource {
        let values = given.map { (AbsoluteConfigKey([$0.key]), ConfigValue(.string($0.value), isSecret: false)) }
        let provider = InMemoryProvider(name: "flags", values: Dictionary(uniqueKeysWithValues: values))
        return OptionSource(exit: .usage, name: { "--\($0)" }, value: provider.value(forKey:type:))
    }

    static func environment(_ variables: [String: String]) -> OptionSource {
        let provider = EnvironmentVariablesProvider(environmentVariables: variables).prefixKeys(with: "martlet")
        return OptionSource(
            exit: .configuration,
            name: { Self.environmentName(of: $0) },
            value: provider.value(forKey:type:)
        )
    }

    /// Nil where there is no file and none must be. A key that no option has is refused: it is a misspelling.
    static func file(at path: String?, mustExist: Bool, known: Set<String>) throws(StartupFault) -> OptionSource? {
        guard let path else { return nil }
        do {
            guard let bytes = try DurableFile.readIfPresent(path, bytesMax: Self.fileBytesMax) else {
                guard mustExist else { return nil }
                throw StartupFault(.configuration, "configuration file \(path) does not exist")
            }
            let text = String(decoding: bytes, as: UTF8.self)
            try Self.refuseUnknownKeys(text, at: path, known: known)
            // The YAML reader takes a file without any content for one that is no mapping.
            let isEmpty = text.split(separator: "\n").allSatisfy { ["#", nil].contains($0.first { $0 != " " }) }
            guard !isEmpty else { return nil }
            let yaml = try unsafe YAMLSnapshot(data: bytes.span.bytes, providerName: path, parsingOptions: .default)
            return OptionSource(exit: .configuration, name: { "\(path): \($0)" }, value: yaml.value(forKey:type:))
        } catch let fault as StartupFault {
            throw fault
        } catch {
            throw StartupFault(.configuration, "configuration file \(path): \(error)")
        }
    }

    /// `MARTLET_DRAIN_DELAY` for `drain-delay`.
    static func environmentName(of name: String) -> String {
        "MARTLET_" + name.uppercased().replacing("-", with: "_")
    }

    /// Nil where it does not stand here.
    func string(_ name: String) throws(StartupFault) -> String? {
        try self.read(name, .string, expected: "a single value") { content in
            guard case .string(let text) = content else { return nil }
            return text
        }
    }

    /// Nil where it does not stand here.
    func list(_ name: String) throws(StartupFault) -> [String]? {
        do {
            return try self.string(name).map { $0.split(separator: ",").map(String.init) }
        } catch {
            return try self.read(name, .stringArray, expected: "a list of values") { content in
                guard case .stringArray(let texts) = content else { return nil }
                return texts
            }
        }
    }

    private func read<Value>(
        _ name: String,
        _ type: ConfigType,
        expected: String,
        _ take: (ConfigContent) -> Value?
    ) throws(StartupFault) -> Value? {
        let found: ConfigValue?
        do {
            found = try self.value(AbsoluteConfigKey([name]), type).value
        } catch {
            // The provider's own error repeats the value, which may be a secret.
            throw StartupFault(self.exit, "\(self.name(name)): must be \(expected)")
        }
        return found.flatMap { take($0.content) }
    }

    /// Looks at the lines that begin a top-level key; nested keys and comments are left to the YAML reader.
    private static func refuseUnknownKeys(_ text: String, at path: String, known: Set<String>) throws(StartupFault) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard let first = line.first, first.isLetter, let colon = line.firstIndex(of: ":") else { continue }
            let key = String(line[..<colon])
            guard !known.contains(key) else { continue }
            let names = known.subtracting(["config"]).sorted().joined(separator: ", ")
            throw StartupFault(.configuration, "\(path):\(index + 1): there is no option \(key); there are \(names)")
        }
    }
}
