package import Platform
import Synchronization

/// The files that one `init` made. An `init` that cannot finish takes back these and no others: what it found in its
/// way are the keys of another, whose loss would be for good.
package final class MadeFiles: Sendable {
    private let paths = Mutex<[String]>([])

    package init() {}

    func note(_ path: String) { self.paths.withLock { $0.append(path) } }

    package func remove() throws(FileFault) {
        for path in self.paths.withLock({ $0 }) { try DurableFile.remove(path) }
    }
}
