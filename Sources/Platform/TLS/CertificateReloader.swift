package import Logging
import ServiceLifecycle
import UnixSignals

/// What was read from files at the start and is read again on SIGHUP.
package protocol ReloadedFile: Sendable {
    /// What it is, for the log: `certificate`.
    var noun: String { get }
    /// Throws where the files are no good; then nothing has changed.
    func reload() throws(StartupFault)
}

/// Reads TLS files again on SIGHUP; what cannot be read is logged and the old content stays.
package struct CertificateReloader: Service {
    private let files: [any ReloadedFile]
    private let logger: Logger

    package init(_ files: [any ReloadedFile], logger: Logger) {
        self.files = files
        self.logger = logger
    }

    package func run() async {
        // Trapped also without files: an untrapped SIGHUP would end the process.
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            for file in self.files {
                do throws(StartupFault) {
                    try file.reload()
                    self.logger.info("\(file.noun) reloaded")
                } catch {
                    self.logger.error("\(file.noun) not reloaded; the old stays", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
