package import Logging
import ServiceLifecycle
import UnixSignals

/// Reads TLS files again on SIGHUP; what cannot be read is logged and the old certificate stays.
package struct CertificateReloader: Service {
    private let certificates: [ServerCertificate]
    private let logger: Logger

    package init(_ certificates: [ServerCertificate], logger: Logger) {
        self.certificates = certificates
        self.logger = logger
    }

    package func run() async {
        // Trapped also without certificates: an untrapped SIGHUP would end the process.
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            for certificate in self.certificates {
                do throws(StartupFault) {
                    try certificate.reload()
                    self.logger.info("certificate reloaded")
                } catch {
                    self.logger.error("certificate not reloaded; the old one stays", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
