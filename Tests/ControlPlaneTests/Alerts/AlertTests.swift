import Crypto
import Domain
import Foundation
import Platform
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ControlPlane

/// A receiver that answers as it is told, and remembers what came.
final class ScriptedReceiver: AlertSender {
    private let state = Mutex<(requests: [OutgoingRequest], status: Int?)>(([], 204))

    /// Nil: nobody is there.
    func answer(_ status: Int?) { self.state.withLock { $0.status = status } }

    var requests: [OutgoingRequest] { self.state.withLock { $0.requests } }

    func send(_ request: OutgoingRequest) throws(OutgoingFault) -> OutgoingResponse {
        let status = self.state.withLock { state in
            state.requests.append(request)
            return state.status
        }
        guard let status else { throw OutgoingFault(.connect, "nobody is there") }
        return OutgoingResponse(status: status)
    }
}

@Suite struct `Alerts about budgets` {
    private static let secret = Array("a secret of more than 16 bytes".utf8)
    private static let url = "https://hooks.example.com/martlet"

    private let database: Database
    private let clock = ManualTiming()
    private let receiver = ScriptedReceiver()

    init() async throws {
        self.database = try Database.inMemory(hash: Digest.sha256)
        let written: JSON = ["name": "month", "amount": "10.00", "window": "total", "thresholds": [.thousandths(500)]]
        let (content, deed) = (try Budget.read(written).json.canonical, Deed(by: "ann", at: self.clock.now))
        try await self.database.write { transaction in
            _ = try transaction.revise(.budgets, "month", to: content, state: .approved, expecting: .absent, by: deed)
        }
    }

    private func alerts(hasWebhook: Bool = true) throws -> Alerts {
        let webhook = try Webhook(Self.url, secret: Self.secret, ownPorts: [], sender: self.receiver)
        return Alerts(
            database: self.database,
            webhook: hasWebhook ? webhook : nil,
            timing: self.clock.timing,
            logger: .quiet
        )
    }

    /// Comes to the threshold.
    private func spend(_ amount: String = "6.00") async throws {
        var node = try Spender(self.database, timing: self.clock.timing)
        try await node.borrow(amount, of: "month")
        try await node.spend(amount, of: "month", window: "total", at: self.clock.now)
    }

    private func bodies() throws -> [JSON] { try self.receiver.requests.map { try JSON.parse($0.body) } }

    @Test func `whoever is to be told gets a signed document that says which budget and how much`() async throws {
        let alerts = try self.alerts()
        try await self.spend()
        await alerts.tell()
        let request = try #require(self.receiver.requests.first)
        #expect(request.method == .post && request.url == Self.url && self.receiver.requests.count == 1)
        let body = try JSON.parse(request.body)
        #expect(body["type"] == "budget.threshold" && body["budget"] == "month" && body["unit"] == "")
        #expect(body["window"] == "total" && body["threshold"] == .number("0.5"))
        #expect(body["amount"] == "10.00" && body["posted"] == "6.00")
        #expect(body["at"] == .string(self.clock.now.rfc3339))
        #expect(alerts.totals().told == 1)
        // As a receiver checks it, from the documented scheme alone.
        let seconds = self.clock.now.unixMilliseconds / 1_000
        let key = SymmetricKey(data: Data(Self.secret))
        let signed = Data("\(seconds).".utf8) + Data(request.body)
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: key)
        let hex = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let header = request.headers.first { $0.name == "martlet-webhook-signature" }?.value
        #expect(header == "t=\(seconds),v1=\(hex)")
    }

    @Test func `it is told once, also by the next process`() async throws {
        try await self.spend()
        for _ in 0..<3 { try await self.alerts().tell() }
        #expect(self.receiver.requests.count == 1)
    }

    @Test func `nothing is told below the threshold`() async throws {
        try await self.spend("4.99")
        try await self.alerts().tell()
        #expect(self.receiver.requests.isEmpty)
    }

    @Test(arguments: [nil, 500, 404, 302])
    func `what is not taken is told again later, with the same id and a new signature`(_ status: Int?) async throws {
        let alerts = try self.alerts()
        self.receiver.answer(status)
        try await self.spend()
        await alerts.tell()
        await alerts.tell()
        #expect(self.receiver.requests.count == 1, "not at once")
        self.clock.advance(by: .seconds(5))
        self.receiver.answer(200)
        await alerts.tell()
        await alerts.tell()
        let bodies = try self.bodies()
        #expect(bodies.count == 2 && bodies[0] == bodies[1])
        #expect(Set(self.receiver.requests.map { $0.headers.last?.value }).count == 2)
        #expect(alerts.totals().failed == 1 && alerts.totals().told == 1)
    }

    @Test func `what nobody takes for a day is given up`() async throws {
        let alerts = try self.alerts()
        self.receiver.answer(nil)
        try await self.spend()
        for _ in 0..<200 {
            await alerts.tell()
            self.clock.advance(by: .seconds(900))
        }
        #expect(alerts.totals().givenUp == 1 && alerts.totals().told == 0)
        let tries = self.receiver.requests.count
        #expect((25...50).contains(tries), "\(tries)")
        await alerts.tell()
        #expect(self.receiver.requests.count == tries)
    }

    @Test func `without a webhook it stands in the log and waits for none`() async throws {
        let alerts = try self.alerts(hasWebhook: false)
        try await self.spend()
        await alerts.tell()
        let due = try await self.database.read { try $0.alertsDue(at: Timestamp(unixMilliseconds: .max), limit: 9) }
        #expect(due.isEmpty && self.receiver.requests.isEmpty)
    }

    @Test func `tries are further and further apart, up to an hour`() {
        #expect((0...4).map { Alerts.wait(after: $0) } == [5_000, 10_000, 20_000, 40_000, 80_000])
        #expect(Alerts.wait(after: 12) == 3_600_000 && Alerts.wait(after: .max) == 3_600_000)
    }

    @Test func `what posts runs on while a service tells`() async throws {
        let alerts = try self.alerts()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await alerts.run() } catch is CancellationError { return }
            }
            try await self.spend()
            try await eventually("the service tells it") {
                self.clock.advance(by: Alerts.interval)
                return alerts.totals().told == 1
            }
            group.cancelAll()
        }
    }

    @Test(arguments: [
        "http://169.254.169.254/latest", "http://127.0.0.1:8400/v1", "https://[fe80::1]/", "ftp://example.com",
        "example.com",
    ])
    func `no webhook is where it must not be`(_ url: String) {
        #expect(throws: StartupFault.self) {
            try Webhook(url, secret: Self.secret, ownPorts: [8_400], sender: ScriptedReceiver())
        }
    }

    @Test func `a secret that could be guessed is refused`() {
        #expect(throws: StartupFault.self) {
            try Webhook(Self.url, secret: Array("short".utf8), ownPorts: [], sender: self.receiver)
        }
    }
}
