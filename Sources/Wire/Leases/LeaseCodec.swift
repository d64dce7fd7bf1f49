package import Domain
import Schemas

/// What a boot says of its leases, and what it is answered ⇄ bytes.
package enum LeaseCodec {
    /// Bytes of a call or of an answer.
    package static let sizeMax = 1 << 20
    private static let windowLengthMax = 32

    // MARK: - Calls

    package static func encode(_ call: LeaseCall) -> [UInt8] {
        var message = PBLeaseCall()
        message.asks = call.asks.map(Self.message)
        message.waiting = call.waiting.map { wishes in
            var message = PBWaitingAttempt()
            message.wishes = wishes.map(Self.message)
            return message
        }
        if let limits = call.limits { message.limits = LimitCodec.message(limits) }
        return message.deterministicBytes
    }

    private static func message(_ ask: LeaseAsk) -> PBLeaseAsk {
        var message = PBLeaseAsk()
        message.budget = ask.budget.text
        message.unit = ask.unit
        message.lease = ask.lease
        message.window = ask.window ?? ""
        message.granted = ask.granted.nanoDollars
        message.returned = ask.returned.nanoDollars
        message.used = ask.used.nanoDollars
        message.held = ask.held.nanoDollars
        message.reservation = ask.reservation.nanoDollars
        message.demand = ask.demand
        return message
    }

    private static func message(_ wish: LeaseWish) -> PBLeaseWish {
        var message = PBLeaseWish()
        message.lease = wish.lease
        message.amount = wish.amount.nanoDollars
        return message
    }

    package static func call(_ bytes: [UInt8]) throws(WireError) -> LeaseCall {
        let message = try PBLeaseCall(strictly: bytes, atMost: Self.sizeMax)
        try Check.count(message.asks.count, atMost: LeaseCall.asksMax, "asks")
        try Check.count(message.waiting.count, atMost: LeaseCall.waitingMax, "attempts that wait")
        var asks: [LeaseAsk] = []
        for ask in message.asks { asks.append(try Self.ask(ask)) }
        try Self.checkOnce(asks.map(\.lease))
        var waiting: [[LeaseWish]] = []
        for attempt in message.waiting {
            try Check.count(attempt.wishes.count, atMost: LeasePosting.countMax, "wishes of an attempt")
            var wishes: [LeaseWish] = []
            for wish in attempt.wishes {
                let amount = try Check.money(wish.amount, "amount")
                wishes.append(LeaseWish(lease: try Check.number(wish.lease, "lease"), amount: amount))
            }
            waiting.append(wishes)
        }
        let limits = message.hasLimits ? try LimitCodec.call(message.limits) : nil
        return LeaseCall(asks: asks, waiting: waiting, limits: limits)
    }

    private static func ask(_ message: PBLeaseAsk) throws(WireError) -> LeaseAsk {
        LeaseAsk(
            budget: try Check.name(message.budget, "budget"),
            unit: try self.unit(message.unit),
            lease: try Check.number(message.lease, "lease"),
            window: message.window.isEmpty ? nil : try self.window(message.window),
            granted: try Check.money(message.granted, "granted"),
            returned: try Check.money(message.returned, "returned"),
            used: try Check.money(message.used, "used"),
            held: try Check.money(message.held, "held"),
            reservation: try Check.money(message.reservation, "reservation"),
            demand: try Check.amount(message.demand, in: 0...Int64.max, "demand")
        )
    }

    // MARK: - Answers

    package static func encode(_ grants: [LeaseGrant], limits: LimitAnswer? = nil) -> [UInt8] {
        var message = PBLeaseAnswer()
        if let limits { message.limits = LimitCodec.message(limits) }
        message.grants = grants.map { grant in
            var message = PBLeaseGrant()
            message.budget = grant.account.budget.text
            message.unit = grant.account.unit
            message.lease = grant.lease
            message.window = grant.account.window.name
            message.windowStart = grant.account.window.start.unixMilliseconds
            message.windowEnd = grant.account.window.end?.unixMilliseconds ?? 0
            message.granted = grant.granted.nanoDollars
            message.keep = grant.keep.nanoDollars
            message.validMilliseconds = grant.validMilliseconds
            message.left = grant.left.nanoDollars
            return message
        }
        return message.deterministicBytes
    }

    package static func grants(_ bytes: [UInt8]) throws(WireError) -> [LeaseGrant] { try self.answer(bytes).grants }

    package static func answer(
        _ bytes: [UInt8]
    ) throws(WireError) -> (grants: [LeaseGrant], limits: LimitAnswer?) {
        let message = try PBLeaseAnswer(strictly: bytes, atMost: Self.sizeMax)
        try Check.count(message.grants.count, atMost: LeaseCall.asksMax, "grants")
        var grants: [LeaseGrant] = []
        for grant in message.grants { grants.append(try Self.grant(grant)) }
        try Self.checkOnce(grants.map(\.lease))
        return (grants, message.hasLimits ? try LimitCodec.answer(message.limits) : nil)
    }

    private static func grant(_ message: PBLeaseGrant) throws(WireError) -> LeaseGrant {
        let window = BudgetWindow(
            name: try self.window(message.window),
            start: try Check.timeOrZero(message.windowStart, "window_start"),
            end: message.windowEnd == 0 ? nil : try Check.time(message.windowEnd, "window_end")
        )
        return LeaseGrant(
            account: BudgetAccount(
                budget: try Check.name(message.budget, "budget"),
                unit: try self.unit(message.unit),
                window: window
            ),
            lease: try Check.number(message.lease, "lease"),
            granted: try Check.money(message.granted, "granted"),
            keep: try Check.money(message.keep, "keep"),
            validMilliseconds: try Check.amount(message.validMilliseconds, in: 0...86_400_000, "valid_milliseconds"),
            left: try Check.money(message.left, "left")
        )
    }

    private static func checkOnce(_ leases: [UInt64]) throws(WireError) {
        guard Set(leases).count == leases.count else { throw WireError(.invalid, "a lease is named twice") }
    }

    // MARK: - Names

    static func unit(_ text: String) throws(WireError) -> String {
        try Check.text(text, atMost: LeasePosting.unitLengthMax, "unit")
    }

    static func window(_ text: String) throws(WireError) -> String {
        try Check.nonEmptyText(text, atMost: Self.windowLengthMax, "window")
    }
}
