import Foundation

/// What our sources do not say, and what to do instead. A failure teaches.
struct Ban: Sendable {
    enum Sought: Sendable {
        /// In the code alone, not in comments or strings, as whole words.
        case code(String)
        /// Anywhere on the line.
        case text(String)
    }

    let sought: Sought
    let reason: String
    let applies: @Sendable (SourceFile) -> Bool

    init(_ sought: Sought, _ reason: String, in applies: @escaping @Sendable (SourceFile) -> Bool = Self.everywhere) {
        self.sought = sought
        self.reason = reason
        self.applies = applies
    }

    func violations(in file: SourceFile) -> [String] {
        guard applies(file) else { return [] }
        let (lines, text, isCode) =
            switch sought {
            case .code(let text): (file.code, text, true)
            case .text(let text): (file.lines, text, false)
            }
        return lines.enumerated().compactMap { index, line in
            guard Self.holds(line, text, asWord: isCode) else { return nil }
            return "\(file.path):\(index + 1): `\(text)`: \(reason)"
        }
    }

    private static func holds(_ line: String, _ text: String, asWord: Bool) -> Bool {
        guard line.contains(text) else { return false }
        guard asWord else { return true }
        return line.ranges(of: text).contains { range in
            let before = line[..<range.lowerBound].last
            let after = line[range.upperBound...].first
            let opensWord = text.first.map(isWordPart) ?? false
            let endsWord = text.last.map(isWordPart) ?? false
            return !(opensWord && before.map(isWordPart) ?? false) && !(endsWord && after.map(isWordPart) ?? false)
        }
    }

    private static func isWordPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}

extension Ban {
    static let everywhere: @Sendable (SourceFile) -> Bool = { _ in true }
    static let sources: @Sendable (SourceFile) -> Bool = { !$0.isTest }
    static let tests: @Sendable (SourceFile) -> Bool = { $0.isTest && $0.path != "Tests/Support/Eventually.swift" }
    static let domain: @Sendable (SourceFile) -> Bool = { $0.target == "Domain" }
    /// Where time is an argument: the rules and the formats.
    static let timeless: @Sendable (SourceFile) -> Bool = { ["Domain", "Wire", "Dialects"].contains($0.target) }
    /// The way of a request through a node, where every microsecond and every allocation is the caller's.
    static let traffic: @Sendable (SourceFile) -> Bool = { file in
        let rooms = ["HTTP1", "Listener", "Exchange", "Upstream"].map { "Sources/DataPlane/\($0)/" }
        return ["Domain", "Dialects"].contains(file.target) || rooms.contains { file.path.hasPrefix($0) }
    }
    static let money: @Sendable (SourceFile) -> Bool = { file in
        ["Catalog", "Budgets"].contains { file.path.hasPrefix("Sources/Domain/\($0)/") }
    }
    /// Processes whose standard output a person reads.
    static let daemons: @Sendable (SourceFile) -> Bool = {
        !$0.isTest && !["martlet", "martlet-control", "martlet-simulator"].contains($0.target)
    }
    static let outsideStorage: @Sendable (SourceFile) -> Bool = { !$0.target.hasPrefix("Storage") && !$0.isTest }

    private static let owned = "an unowned task outlives its request; make it a child of a task group, or a Service"
    private static let checked = "use Mutex, so that the compiler checks it"
    private static let threads = "the event loops, services and Platform's one thread are all the threads there are"
    private static let clock = "pass the time in, so that tests can choose it"
    private static let chance = "pass a generator in, so that tests can repeat it"
    private static let noFoundation = "Foundation stays off the rules and the traffic path: it allocates and is slow"
    private static let noSQL = "SQL lives only in Storage, in a method named for the invariant that it keeps"
    private static let waiting = "await the event, or `eventually` for another process's doing"
    private static let vague = "name the type for what it is"

    static let list: [Ban] = [
        Ban(.code("Task {"), owned),
        Ban(.code("Task("), owned),
        Ban(.code("Task.detached"), owned),
        Ban(.code("Task.immediate"), owned),
        Ban(.code("@unchecked Sendable"), checked),
        Ban(.code("nonisolated(unsafe)"), checked),
        Ban(.code("try!"), "throw, or state the invariant with a precondition"),
        Ban(.code("as!"), "cast with as? and throw, or hold the type that you need"),
        Ban(
            .code("fatalError("),
            "throw a Fault; for a programmer's mistake state the invariant with a precondition",
            in: sources
        ),
        Ban(.code("print("), "log with a Logger; standard output belongs to the command line", in: daemons),
        Ban(.code("DispatchQueue"), threads),
        Ban(.code("Thread"), threads),
        Ban(.code("installAsConcurrencyExecutor"), "measured: it costs more processor time than it saves"),
        Ban(.code("default: break"), "name the cases, so that a new one does not pass unseen"),
        Ban(.code("public"), "package is the widest access level: nothing here is a library for others"),
        Ban(.code("open class"), "package is the widest access level: nothing here is a library for others"),
        Ban(.code("Date()"), clock, in: timeless),
        Ban(.code("Date.now"), clock, in: timeless),
        Ban(.code("ContinuousClock()"), clock, in: timeless),
        Ban(.code("SuspendingClock()"), clock, in: timeless),
        Ban(.code(".random("), chance, in: domain),
        Ban(.code("SystemRandomNumberGenerator"), chance, in: domain),
        Ban(.code("import Foundation"), noFoundation, in: traffic),
        Ban(.code("import FoundationEssentials"), noFoundation, in: traffic),
        Ban(.code("JSONDecoder"), "read the fields that matter with CSimdJSON's DOM", in: traffic),
        Ban(.code("JSONSerialization"), "read the fields that matter with CSimdJSON's DOM", in: traffic),
        Ban(.code("Double"), "money is whole nano-dollars", in: money),
        Ban(.code("Float"), "money is whole nano-dollars", in: money),
        Ban(.text("SELECT "), noSQL, in: outsideStorage),
        Ban(.text("INSERT INTO "), noSQL, in: outsideStorage),
        Ban(.text("DELETE FROM "), noSQL, in: outsideStorage),
        Ban(.text("CREATE TABLE "), noSQL, in: outsideStorage),
        Ban(.code("Task.sleep"), waiting, in: tests),
        Ban(.code(".sleep(for:"), waiting, in: tests),
        Ban(.code(".sleep(until:"), waiting, in: tests),
        Ban(.code("usleep("), waiting, in: tests),
        Ban(.text("FIX" + "ME"), "mend it, or file an issue"),
        Ban(.text("TO" + "DO"), "do it, or file an issue"),
        Ban(.text("XX" + "X"), "mend it, or file an issue"),
    ]

    /// `try?` and `catch {}` drop a reason: a comment in the same paragraph, up to the line below, says what is used
    /// instead.
    static func droppedReasons(in file: SourceFile) -> [String] {
        guard sources(file) else { return [] }
        return file.code.indices.compactMap { index in
            guard file.code[index].contains("try?") || file.code[index].hasSuffix("catch {}") else { return nil }
            let above = file.lines[..<index].reversed().prefix(commentLinesAway).prefix { !$0.isEmpty }
            let here = file.lines[index...].prefix(2)
            guard !(above + here).contains(where: { $0.contains("// ") }) else { return nil }
            return "\(file.path):\(index + 1): `try?` drops a reason: say in a comment what is used instead"
        }
    }

    private static let commentLinesAway = 10

    /// Types are named for what they are: `Purse`, not `BudgetManager`.
    static func vagueNames(in file: SourceFile) -> [String] {
        let kinds: Set<Substring> = ["class", "struct", "enum", "actor", "protocol"]
        let endings = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utilities", "Impl", "Common"]
        return file.code.enumerated().compactMap { index, line in
            let words = line.split { " :<({".contains($0) }
            guard let kind = words.firstIndex(where: kinds.contains), kind + 1 < words.count else { return nil }
            let name = words[kind + 1]
            guard endings.contains(where: name.hasSuffix) else { return nil }
            return "\(file.path):\(index + 1): `\(name)`: \(vague)"
        }
    }
}
