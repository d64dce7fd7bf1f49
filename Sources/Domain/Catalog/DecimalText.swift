/// Whole numbers written as decimal fractions, without the library's general formatting: two stand in every reply.
package enum DecimalText {
    /// `number` over ten to the power of `places`, at most nine, of which at least `placesMin` are written and beyond
    /// them only what is not zero: 1200 with three places and two at least is `1.20`.
    package static func write(_ number: UInt64, places: Int, placesMin: Int, isNegative: Bool = false) -> String {
        var rest = number
        var written = 0
        // From the last digit to the first.
        var digits: [UInt8] = []
        digits.reserveCapacity(24)
        while written < places {
            let digit = UInt8(rest % 10)
            rest /= 10
            written += 1
            let isNeeded = !digits.isEmpty || digit != 0 || places - written < placesMin
            if isNeeded { digits.append(UInt8(ascii: "0") + digit) }
        }
        if !digits.isEmpty { digits.append(UInt8(ascii: ".")) }
        repeat {
            digits.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        if isNegative { digits.append(UInt8(ascii: "-")) }
        digits.reverse()
        return String(decoding: digits, as: UTF8.self)
    }
}
