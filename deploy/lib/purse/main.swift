// Holds and settles what attempts may cost under eight budgets, over and over; see deploy/purse.

let iterations = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1
let window = BudgetWindow(name: "month/2026-11", start: Timestamp(unixMilliseconds: 0), end: nil)
let admitted = Timestamp(unixMilliseconds: 1_000)
let claims = (0..<8).compactMap { number -> Purse.Claim? in
    let unit = number.isMultiple(of: 2) ? "" : "somebody@example.com"
    return Name("budget-of-team-\(number)").map { Purse.Claim(.init($0, unit: unit), Money(nanoDollars: 1_000)) }
}

/// As the control plane would: more than will be asked for.
func grant(_ ask: LeaseAsk) -> LeaseGrant {
    LeaseGrant(
        account: BudgetAccount(budget: ask.budget, unit: ask.unit, window: window),
        lease: ask.lease,
        granted: .max,
        keep: .zero,
        validMilliseconds: 86_400_000,
        left: .max
    )
}

var purse = Purse()
_ = purse.hold(claims, admitted: admitted, at: 0)
for ask in purse.call(wall: admitted, at: 0).asks { purse.hear(grant(ask), sent: 0) }
var held = 0
let began = ContinuousClock.now
for number in 0..<iterations {
    guard case .held(let hold) = purse.hold(claims, admitted: admitted, at: Int64(number / 10)) else { continue }
    purse.settle(hold, cost: Money(nanoDollars: 10))
    held += 1
}
let each = began.duration(to: .now) / max(iterations, 1)
precondition(claims.count == 8 && held == iterations, "an attempt was refused")
print("\(iterations) attempts, \(each.formatted) each")

extension Duration {
    var formatted: String { "\(self.components.attoseconds / 1_000_000_000) ns" }
}
