import ControlPlane
import Domain
import Storage
import Testing
import Wire

/// A node's boot that borrows from budgets and spends, on a database and its catalogue alone.
struct Spender {
    let database: Database
    let node: ID<Node>
    private(set) var stream: TestStream
    private let lending: Lending
    private let metering: Metering

    init(_ database: Database, budgets: BudgetBook = BudgetBook(), timing: Timing, node: String = "node-1") throws {
        self.database = database
        self.stream = try TestStream(node: node, boot: "boot-of-\(node)")
        self.node = self.stream.node
        self.lending = Lending(database: database, budgets: budgets, timing: timing, logger: .quiet)
        self.metering = Metering(database: database, budgets: budgets, timing: timing, logger: .quiet)
    }

    /// Asks for exactly so much on a lease.
    func borrow(_ amount: String, of budget: String, unit: String = "", lease: UInt64 = 1) async throws {
        let name = try #require(Name<Budget>(budget))
        let money = try #require(Money(dollars: amount))
        let ask = LeaseAsk(budget: name, unit: unit, lease: lease, reservation: money)
        let call = LeaseCall(asks: [ask], waiting: [[LeaseWish(lease: lease, amount: money)]])
        _ = try await self.lending.answer(call, of: self.node, boot: self.stream.boot)
    }

    /// An attempt that has cost so much.
    mutating func spend(
        _ amount: String,
        of budget: String,
        unit: String = "",
        window: String,
        lease: UInt64 = 1,
        at admitted: Timestamp
    ) async throws {
        let posting = LeasePosting(
            budget: try #require(Name<Budget>(budget)),
            unit: unit,
            window: window,
            lease: lease
        )
        let cost = try #require(Money(dollars: amount)).nanoDollars
        let number = self.stream.records.count
        self.stream.append(.event(try .fixture(number, admitted: admitted, cost: cost, postings: [posting])))
        _ = try await self.metering.take(try self.stream.batch(number..<number + 1), from: self.node)
    }
}
