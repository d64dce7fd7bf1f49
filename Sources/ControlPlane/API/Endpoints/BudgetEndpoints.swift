import Domain
import Storage

// What has become of a budget: its accounts in the ledger. The budget itself is a thing of the catalogue.
extension AdminAPI {
    /// Seen by whoever sees the budget, also when it is archived: what was spent stays.
    var budgetEndpoints: [Endpoint] {
        let reach = Ownership.byTeams(writtenByThem: false).reading
        return [
            Endpoint(
                .get,
                "/budgets/{name}/accounts",
                .read,
                "The accounts of a budget, one for each unit that it counts apart and each window; the newest window first.",
                reply: "BudgetAccountPage",
                query: ["window", "limit", "after"],
                reach: reach,
                .read(self.accounts)
            ),
            Endpoint(
                .get,
                "/budgets/{name}/spend",
                .read,
                "What usage posted to one account, step by step; without a window, in the one that is now.",
                reply: "BudgetSpend",
                query: ["window", "unit"],
                reach: reach,
                .read(self.spend)
            ),
        ]
    }

    // MARK: - How it stands

    /// Of the revision in force, in the window that is now; null where none is in force.
    func status(of item: Item, _ reading: Reading) throws -> JSON {
        guard let budget = try item.inForce.map({ try Budget.read($0) }) else { return .null }
        let window = budget.period.window(at: self.settings.clock())
        var totals = try reading.totals(of: budget.name, window: window.name, limit: budget.amount)
        // A budget that counts all together has its one account also before anything was spent.
        if budget.per == .none, totals.units == 0 { totals.add(BudgetLedger(limit: budget.amount)) }
        return .object([
            "window": Self.json(window), "units": budget.per == .none ? .null : .number(totals.units),
            "limit": .string(totals.limit.dollars), "posted": .string(totals.posted.dollars),
            "pending": .string(totals.pending.dollars), "unconfirmed": .string(totals.unconfirmed.dollars),
            "overspent": .string(totals.overspent.dollars), "available": .string(totals.available.dollars),
        ])
    }

    /// The same, with what each node has been lent.
    func statusWithLeases(of item: Item, _ reading: Reading) throws -> JSON {
        let status = try self.status(of: item, reading)
        guard let window = status["window"]?["name"]?.string, let name = Name<Budget>(item.latest.name) else {
            return status
        }
        let loans = try reading.loans(of: name, window: window)
        return status.merging(["leases": .array(loans.map(Self.json))])
    }

    private static func json(_ window: BudgetWindow) -> JSON {
        .object([
            "name": .string(window.name), "start": .string(window.start.rfc3339),
            "end": window.end.map { .string($0.rfc3339) } ?? .null,
        ])
    }

    private static func json(_ loan: NodeLoan) -> JSON {
        .object([
            "node": .string(loan.node.text), "leases": .number(loan.leases), "granted": .string(loan.granted.dollars),
            "returned": .string(loan.returned.dollars), "used": .string(loan.used.dollars),
            "posted": .string(loan.posted.dollars), "pending": .string(loan.pending.dollars),
        ])
    }

    // MARK: - Accounts

    @Sendable private func accounts(_ call: Call, _ reading: Reading) throws -> Reply {
        let (_, name) = try Self.everBudget(call, reading)
        let limit = try call.pageSize()
        let accounts = try reading.accounts(
            of: name,
            window: call.query["window"],
            after: try call.query["after"].map(Self.place),
            limit: limit + 1
        )
        return Reply.page(
            accounts,
            limit: limit,
            cursor: { Self.cursor($0.account) },
            json: { Self.json($0.account, $0.ledger) }
        )
    }

    private static func json(_ account: BudgetAccount, _ ledger: BudgetLedger) -> JSON {
        .object([
            "unit": .string(account.unit), "window": self.json(account.window),
            "limit": .string(ledger.limit.dollars), "posted": .string(ledger.posted.dollars),
            "pending": .string(ledger.pending.dollars), "unconfirmed": .string(ledger.unconfirmed.dollars),
            "overspent": .string(ledger.overspent.dollars), "available": .string(ledger.available.dollars),
        ])
    }

    /// `1793491200000:ann`.
    private static func cursor(_ account: BudgetAccount) -> String {
        "\(account.window.start.unixMilliseconds):\(account.unit)"
    }

    private static func place(_ cursor: String) throws -> (start: Timestamp, unit: String) {
        let parts = cursor.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let start = Int64(parts[0]) else {
            throw Problem.badQuery("after", "must be the `next` of the page before")
        }
        return (Timestamp(unixMilliseconds: start), String(parts[1]))
    }

    // MARK: - Spending

    @Sendable private func spend(_ call: Call, _ reading: Reading) throws -> Reply {
        let (item, name) = try Self.everBudget(call, reading)
        let budget = try Budget.read(item.inForce ?? item.latest)
        let now = budget.period.window(at: call.now)
        let unit = call.query["unit"] ?? ""
        let asked = BudgetWindow(name: call.query["window"] ?? now.name, start: now.start, end: now.end)
        let kept = try reading.account(of: name, unit: unit, window: asked.name)
        guard kept != nil || asked == now else { throw Problem.notFound("account of the budget in \(asked.name)") }
        let account = kept?.account ?? BudgetAccount(budget: name, unit: unit, window: now)
        let window = asked == now ? now : account.window
        let curve = SpendCurve(try reading.spend(of: account))
        let limit = asked == now && item.inForce != nil ? budget.amount : kept?.ledger.limit ?? budget.amount
        return Reply(
            200,
            .object([
                "unit": .string(unit), "window": Self.json(window), "limit": .string(limit.dollars),
                "stepSeconds": .number(curve.stepMilliseconds / 1_000),
                "steps": .array(
                    curve.steps.map {
                        .object(["start": .string($0.start.rfc3339), "posted": .string($0.posted.dollars)])
                    }
                ),
            ])
        )
    }

    /// The budget of the address, also one that is archived.
    private static func everBudget(_ call: Call, _ reading: Reading) throws -> (item: Item, name: Name<Budget>) {
        let text = call.parameter("name")
        guard let name = Name<Budget>(text), let item = try reading.item(.budgets, text) else {
            throw Problem.notFound("budget \(text)")
        }
        return (item, name)
    }
}
