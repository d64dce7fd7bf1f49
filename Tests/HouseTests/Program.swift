import Foundation
import Synchronization
import TestSupport
import Testing

/// One of our programs, running as a process of its own, with everything that it says in a file.
final class Program: Sendable {
    let name: String
    let log: URL
    private let process: Process

    /// Programs stand beside the test's own executable.
    private static let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

    /// Starts `name`; its output is added to `log`.
    init(_ name: String, _ arguments: [String], environment: [String: String] = [:], log: URL) throws {
        self.name = name
        self.log = log
        if !FileManager.default.fileExists(atPath: log.path()) {
            try Data().write(to: log)
        }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        self.process = Process()
        self.process.executableURL = Self.executable(name)
        self.process.arguments = arguments
        self.process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("MARTLET_") }
            .merging(environment) { $1 }
        self.process.standardInput = FileHandle.nullDevice
        self.process.standardOutput = output
        self.process.standardError = output
        try self.process.run()
    }

    private static func executable(_ name: String) -> URL {
        name.hasPrefix("/") ? URL(filePath: name) : self.folder.appending(path: name)
    }

    var isRunning: Bool { self.process.isRunning }

    /// `kill -9`: nothing of the process runs after this.
    func kill() async throws {
        guard self.isRunning else { return }
        Foundation.kill(self.process.processIdentifier, SIGKILL)
        try await self.ended(within: .seconds(10))
    }

    /// SIGTERM, and waits for the orderly end. The result is the exit status.
    @discardableResult
    func stop(within limit: Duration = .seconds(30)) async throws -> Int32 {
        if self.isRunning { Foundation.kill(self.process.processIdentifier, SIGTERM) }
        return try await self.ended(within: limit)
    }

    /// Waits for the process to end by itself.
    @discardableResult
    func ended(within limit: Duration) async throws -> Int32 {
        try await eventually(within: limit, "\(self.name) ends (log: \(self.words))") { !self.isRunning }
        try #require(!self.isRunning)
        return self.process.terminationStatus
    }

    /// At the end of a test, whatever happened: does not wait.
    func killNow() {
        if self.isRunning { Foundation.kill(self.process.processIdentifier, SIGKILL) }
    }

    /// The address of the last line of the log that says `what`: `traffic listening address=127.0.0.1:40123`.
    /// Lines before `offset` were another process's.
    func address(_ what: String, after offset: Int, within limit: Duration = .seconds(60)) async throws -> String {
        var found: String?
        try await eventually(within: limit, "\(self.name) says '\(what)'") {
            found = self.text(after: offset).split(separator: "\n").last { $0.contains(what) }
                .flatMap { $0.firstMatch(of: /(\d+\.\d+\.\d+\.\d+:\d+)/) }.map { String($0.1) }
            if found == nil, !self.isRunning { throw Ended(name: self.name, words: self.words) }
            return found != nil
        }
        return try #require(found)
    }

    struct Ended: Error, CustomStringConvertible {
        let name: String
        let words: String

        var description: String { "\(self.name) ended: \(self.words)" }
    }

    static func length(of log: URL) -> Int {
        let size = (try? FileManager.default.attributesOfItem(atPath: log.path()))?[.size] as? Int
        return size ?? 0
    }

    private func text(after offset: Int) -> String {
        // A log that cannot be read says nothing yet.
        let data = (try? Data(contentsOf: self.log)) ?? Data()
        return String(decoding: data.dropFirst(offset), as: UTF8.self)
    }

    /// The last lines of the log, for a failure's message.
    var words: String { self.text(after: 0).split(separator: "\n").suffix(8).joined(separator: "\n") }

    /// The last words of a node that ended in good order: everything durable was acknowledged.
    func expectDrainedSpool(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let said = self.text(after: 0).matches(of: /usage spool closed.*usage\.acked=(\d+).*usage\.durable=(\d+)/).last
        let numbers = try #require(said, "\(self.words)", sourceLocation: sourceLocation)
        #expect(numbers.1 == numbers.2, "\(self.name) left usage in its spool", sourceLocation: sourceLocation)
    }
}
