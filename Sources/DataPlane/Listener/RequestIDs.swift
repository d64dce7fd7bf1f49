internal import Domain

/// Makes the ids of exchanges: ten characters of time in milliseconds, then sixteen of chance, in Crockford's base 32,
/// so that ids sort by time and two nodes never make the same one.
struct RequestIDs {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    static func make(at now: Timestamp, using generator: inout some RandomNumberGenerator) -> ID<Domain.Exchange>? {
        var text: [UInt8] = []
        text.reserveCapacity(26)
        let milliseconds = UInt64(clamping: now.unixMilliseconds)
        for shift in stride(from: 45, through: 0, by: -5) { text.append(self.digit(milliseconds >> UInt64(shift))) }
        for _ in 0..<2 {
            let chance = generator.next()
            for shift in stride(from: 35, through: 0, by: -5) { text.append(self.digit(chance >> UInt64(shift))) }
        }
        return ID(String(decoding: text, as: UTF8.self))
    }

    private static func digit(_ bits: UInt64) -> UInt8 { self.digits[Int(bits & 31)] }
}
