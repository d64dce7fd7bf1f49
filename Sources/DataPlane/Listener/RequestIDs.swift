internal import Domain

/// Makes the ids of exchanges: ten characters of time in milliseconds, then sixteen of chance, in Crockford's base 32,
/// so that ids sort by time and two nodes never make the same one.
struct RequestIDs {
    private static let digits: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"

    static func make(at now: Timestamp, using generator: inout some RandomNumberGenerator) -> ID<Domain.Exchange>? {
        let milliseconds = UInt64(clamping: now.unixMilliseconds)
        let chance = (generator.next() as UInt64, generator.next() as UInt64)
        let text = unsafe String(unsafeUninitializedCapacity: 26) { digits in
            for place in 0..<10 { unsafe digits[place] = self.digit(milliseconds >> UInt64(45 - 5 * place)) }
            for place in 0..<8 { unsafe digits[10 + place] = self.digit(chance.0 >> UInt64(35 - 5 * place)) }
            for place in 0..<8 { unsafe digits[18 + place] = self.digit(chance.1 >> UInt64(35 - 5 * place)) }
            return 26
        }
        return ID(text)
    }

    private static func digit(_ bits: UInt64) -> UInt8 {
        // In bounds: there are 32 digits.
        unsafe self.digits.utf8Start[Int(bits & 31)]
    }
}
