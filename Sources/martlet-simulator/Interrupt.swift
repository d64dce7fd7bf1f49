import Foundation
import Synchronization

/// SIGINT and SIGTERM end a load or an attack early, with its report.
enum Interrupt {
    private static let flag = Atomic(false)

    static var hasCome: Bool { self.flag.load(ordering: .relaxed) }

    /// From here on the first such signal sets the flag, and a second one ends the process.
    static func watch() {
        // Made here, because a signal handler may not make it.
        self.flag.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                Interrupt.flag.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }
}
