import Foundation
import Logging
import Platform
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// What was read from files is read again on SIGHUP, and a file that is no good spoils nothing else.
@Suite struct ReloadTests {
    private final class File: ReloadedFile {
        let noun: String
        let isGood: Bool
        let reloads = Atomic<Int>(0)

        init(_ noun: String, isGood: Bool) {
            self.noun = noun
            self.isGood = isGood
        }

        func reload() throws(StartupFault) {
            self.reloads.wrappingAdd(1, ordering: .relaxed)
            guard self.isGood else { throw StartupFault(.configuration, "no good") }
        }
    }

    @Test func `a hang-up has every file read again, also behind a broken one`() async {
        await #expect(processExitsWith: .success) {
            let files = [File("broken", isGood: false), File("good", isGood: true)]
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let reloader = CertificateReloader(files, logger: logger)
            let group = ServiceGroup(configuration: .init(services: [reloader], logger: logger))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                // Sent again until it is heard. Until then one would end the process, so it is ignored from before the
                // service sets its handler: ignoring it later would take that handler away.
                signal(SIGHUP, SIG_IGN)
                tasks.addTask { try await group.run() }
                try await eventually("both are read again") {
                    _ = kill(getpid(), SIGHUP)
                    return files.allSatisfy { $0.reloads.load(ordering: .relaxed) > 0 }
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }
}
