internal import Domain

/// Who may have exchanges on one event loop: the bounds on how many there are at once, counted per application,
/// as pure state.
///
/// An application that asks for more than its share is told so while others go on; a loop that is full turns everybody
/// away rather than serving all of them late. What always holds: an exchange that got a place leaves it once.
package struct Places {
    package struct Bounds: Hashable, Sendable {
        /// Callers' connections of one event loop. Beyond it a balancer should have sent them elsewhere.
        var connectionsMax = 32_768
        /// Exchanges of one event loop. An open stream takes about 12 KB.
        var exchangesMax = 16_384
        /// Of them, those of one application.
        var perApplicationMax = 4_096
        /// Of these, answers that are read on after their caller has hung up. Beyond it they are broken off, and what
        /// they cost is estimated: callers that come and go must not take all connections to a provider.
        var abandonedPerApplicationMax = 128
        /// Bytes of request bodies that those of one application may hold: a quarter of the node's memory for bodies.
        var bodyBytesPerApplicationMax = NodeTraffic.bodyBytesMax / 4

        package init() {}
    }

    private struct Held {
        var exchanges = 0
        var abandoned = 0
        var bodyBytes = 0
    }

    private let bounds: Bounds
    private(set) var count = 0
    private var held: [ApplicationID: Held] = [:]

    init(_ bounds: Bounds) { self.bounds = bounds }

    /// Nil where the application has a place now.
    mutating func take(_ application: ApplicationID) -> Lack? {
        guard self.count < self.bounds.exchangesMax else { return .places }
        guard self.held[application, default: Held()].exchanges < self.bounds.perApplicationMax else {
            return .placesOfApplication
        }
        self.held[application, default: Held()].exchanges += 1
        self.count += 1
        return nil
    }

    /// The caller has hung up. Whether its answer may be read to its end all the same.
    mutating func abandon(_ application: ApplicationID) -> Bool {
        guard self.held[application, default: Held()].abandoned < self.bounds.abandonedPerApplicationMax else {
            return false
        }
        self.held[application, default: Held()].abandoned += 1
        return true
    }

    /// Nil where a request of the application, which has a place, may hold so many bytes more.
    mutating func hold(_ bytes: Int, of application: ApplicationID) -> Lack? {
        guard self.held[application, default: Held()].bodyBytes + bytes <= self.bounds.bodyBytesPerApplicationMax else {
            return .memoryOfApplication
        }
        self.held[application, default: Held()].bodyBytes += bytes
        return nil
    }

    mutating func letGo(_ bytes: Int, of application: ApplicationID) {
        self.held[application]?.bodyBytes -= bytes
    }

    mutating func leave(_ application: ApplicationID, wasAbandoned: Bool) {
        guard var held = self.held[application] else { return }
        held.exchanges -= 1
        if wasAbandoned { held.abandoned -= 1 }
        self.held[application] = held.exchanges > 0 ? held : nil
        self.count -= 1
    }
}
