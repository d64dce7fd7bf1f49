import Domain
package import Logging
import Platform
import ServiceLifecycle
package import Storage
import Synchronization

/// Tells that budgets have come to thresholds: in the log, and by a webhook where there is one. What is to be told stands in
/// the database since the transaction that posted; it is told at least once, with the same id each time.
package final class Alerts: Service {
    private let database: Database
    private let webhook: Webhook?
    private let timing: Timing
    private let logger: Logger
    private let counts = Mutex(AlertCounts())

    package static let interval = Duration.seconds(2)
    /// After so long nobody is told any more.
    package static let patienceMilliseconds: Int64 = 24 * 3_600_000
    private static let waitMilliseconds: Int64 = 5_000
    private static let waitMillisecondsMax: Int64 = 3_600_000
    private static let roundMax = 32

    package init(database: Database, webhook: Webhook?, timing: Timing = .system, logger: Logger) {
        self.database = database
        self.webhook = webhook
        self.timing = timing
        self.logger = logger
    }

    package func totals() -> AlertCounts { self.counts.withLock { $0 } }

    package func run() async throws {
        try await untilGracefulShutdown {
            while !Task.isCancelled {
                await self.tell()
                try await self.timing.sleep(Self.interval)
            }
        }
    }

    /// Tells what is due, one after the other, until one cannot be told: the others would fare no better now.
    package func tell() async {
        do {
            let now = self.timing.now()
            for alert in try await self.database.read({ try $0.alertsDue(at: now, limit: Self.roundMax) }) {
                if alert.tries == 0 { self.log(alert) }
                guard try await self.tell(alert) else { return }
            }
        } catch is CancellationError {
            return  // Shutting down: it stays due.
        } catch {
            self.logger.error("alerts were not told", metadata: ["error": "\(error)"])
        }
    }

    /// False where it has to be tried again.
    private func tell(_ alert: BudgetAlert) async throws -> Bool {
        guard let webhook = self.webhook else {
            try await self.database.write { try $0.endAlert(alert.id) }
            return true
        }
        let request = webhook.request(Array(alert.json.canonical.utf8), at: self.timing.now())
        guard let problem = try await Self.problem(sending: request, through: webhook.sender) else {
            try await self.database.write { try $0.endAlert(alert.id) }
            self.counts.withLock { $0.told &+= 1 }
            return true
        }
        try await self.postpone(alert, problem)
        return false
    }

    /// Why it was not taken; nil if it was.
    private static func problem(
        sending request: OutgoingRequest,
        through sender: any AlertSender
    ) async throws -> String? {
        do {
            let response = try await sender.send(request)
            return (200..<300).contains(response.status) ? nil : "it answered \(response.status)"
        } catch {
            try Task.checkCancellation()
            return "\(error)"
        }
    }

    private func postpone(_ alert: BudgetAlert, _ problem: String) async throws {
        let now = self.timing.now()
        let due = now.advanced(byMilliseconds: Self.wait(after: alert.tries))
        let isOver = due.milliseconds(since: alert.time) > Self.patienceMilliseconds
        try await self.database.write { transaction in
            try isOver ? transaction.endAlert(alert.id) : transaction.postponeAlert(alert.id, until: due)
        }
        self.counts.withLock { counts in
            counts.failed &+= 1
            if isOver { counts.givenUp &+= 1 }
        }
        let metadata = self.metadata(alert).merging(["problem": "\(problem)"]) { $1 }
        if isOver {
            self.logger.error("an alert was given up: its webhook took it for no day", metadata: metadata)
        } else {
            self.logger.warning("an alert's webhook did not take it", metadata: metadata)
        }
    }

    /// 5 s, 10 s, 20 s, … an hour.
    static func wait(after tries: Int) -> Int64 {
        min(self.waitMilliseconds << Int64(min(tries, 16)), self.waitMillisecondsMax)
    }

    private func log(_ alert: BudgetAlert) {
        self.logger.notice("a budget has come to a threshold", metadata: self.metadata(alert))
    }

    private func metadata(_ alert: BudgetAlert) -> Logger.Metadata {
        [
            "alert.id": "\(alert.id)", "budget": "\(alert.account.budget)", "budget.unit": "\(alert.account.unit)",
            "budget.window": "\(alert.account.window.name)", "budget.threshold": "\(alert.threshold)",
            "budget.amount": "\(alert.amount.dollars)", "budget.posted": "\(alert.posted.dollars)",
        ]
    }
}

/// What this process has told, for metrics.
package struct AlertCounts: Hashable, Sendable {
    package fileprivate(set) var told: UInt64 = 0
    package fileprivate(set) var failed: UInt64 = 0
    package fileprivate(set) var givenUp: UInt64 = 0
}
