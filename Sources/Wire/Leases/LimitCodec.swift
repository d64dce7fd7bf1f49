import Domain
import Schemas

/// What a boot says of its shares of limits, and what it is answered ⇄ the parts of messages that are about leases.
enum LimitCodec {
    // MARK: - Calls

    static func message(_ call: LimitCall) -> PBLimitCall {
        var message = PBLimitCall()
        message.round = call.round
        message.asks = call.asks.map { ask in
            var message = PBLimitAsk()
            message.limit = ask.key.limit.text
            message.unit = ask.key.unit
            message.holds = Self.message(ask.holds)
            message.demand = Self.message(ask.demand)
            return message
        }
        return message
    }

    static func call(_ message: PBLimitCall) throws(WireError) -> LimitCall {
        try Check.count(message.asks.count, atMost: LimitCall.asksMax, "asks of limits")
        var asks: [LimitAsk] = []
        for ask in message.asks {
            let holds = try Self.amounts(ask.holds, "holds")
            let demand = try Self.amounts(ask.demand, "demand")
            asks.append(LimitAsk(try Self.key(ask.limit, ask.unit), holds: holds, demand: demand))
        }
        try Self.checkOnce(asks.map(\.key))
        return LimitCall(round: try Check.number(message.round, "round"), asks: asks)
    }

    // MARK: - Answers

    static func message(_ answer: LimitAnswer) -> PBLimitAnswer {
        var message = PBLimitAnswer()
        message.round = answer.round
        message.validMilliseconds = answer.validMilliseconds
        message.shares = answer.shares.map { share in
            var message = PBLimitShare()
            message.limit = share.key.limit.text
            message.unit = share.key.unit
            message.amounts = Self.message(share.amounts)
            return message
        }
        return message
    }

    static func answer(_ message: PBLimitAnswer) throws(WireError) -> LimitAnswer {
        try Check.count(message.shares.count, atMost: LimitCall.asksMax, "shares")
        var shares: [LimitShare] = []
        for share in message.shares {
            let amounts = try Self.amounts(share.amounts, "amounts")
            shares.append(LimitShare(try Self.key(share.limit, share.unit), amounts))
        }
        try Self.checkOnce(shares.map(\.key))
        let valid = try Check.amount(message.validMilliseconds, in: 0...86_400_000, "valid_milliseconds")
        return LimitAnswer(
            round: try Check.number(message.round, "round"),
            validMilliseconds: valid,
            shares: shares
        )
    }

    // MARK: - Parts

    private static func message(_ amounts: LimitAmounts) -> PBLimitAmounts {
        var message = PBLimitAmounts()
        message.requests = amounts.requests
        message.tokens = amounts.tokens
        message.concurrent = amounts.concurrent
        return message
    }

    private static func amounts(_ message: PBLimitAmounts, _ field: String) throws(WireError) -> LimitAmounts {
        LimitAmounts(
            requests: try Check.amount(message.requests, in: 0...LimitAmounts.amountMax, field),
            tokens: try Check.amount(message.tokens, in: 0...LimitAmounts.amountMax, field),
            concurrent: try Check.amount(message.concurrent, in: 0...LimitAmounts.amountMax, field)
        )
    }

    private static func key(_ limit: String, _ unit: String) throws(WireError) -> LimitKey {
        LimitKey(try Check.name(limit, "limit"), unit: try LeaseCodec.unit(unit))
    }

    private static func checkOnce(_ keys: [LimitKey]) throws(WireError) {
        guard Set(keys).count == keys.count else { throw WireError(.invalid, "a limit is named twice for one unit") }
    }
}
