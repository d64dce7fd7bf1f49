/// Whole numbers ⇄ decimal fractions, exactly, and without the library's general formatting: two stand in every reply.
package enum DecimalText {
    /// `number` over ten to the power of `places`, at most nine, of which at least `placesMin` are written and beyond
    /// them only what is not zero: 1200 with three places and two at least is `1.20`.
    package static func write(_ number: UInt64, places: Int, placesMin: Int, isNegative: Bool = false) -> String {
        var text = Tail()
        var rest = number
        for place in stride(from: places, to: 0, by: -1) {
            let digit = UInt8(rest % 10)
            rest /= 10
            if !text.isEmpty || digit != 0 || place <= placesMin { text.prepend(UInt8(ascii: "0") + digit) }
        }
        if !text.isEmpty { text.prepend(UInt8(ascii: ".")) }
        repeat {
            text.prepend(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        if isNegative { text.prepend(UInt8(ascii: "-")) }
        return text.string
    }

    /// The number times ten to the power of `places` of digits with at most so many after one point: no sign, no exponent,
    /// no blanks. Nil for everything else, for more than 20 characters and for what no `Int64` holds.
    package static func read(_ text: String, places: Int) -> Int64? {
        guard text.utf8.count <= 20 else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2 else { return nil }
        let fraction = parts.count == 2 ? Array(parts[1]) : []
        guard !whole.isEmpty, parts.count == 1 || !fraction.isEmpty, fraction.count <= places else { return nil }
        let padded = Array(whole) + fraction + Array(repeating: UInt8(ascii: "0"), count: places - fraction.count)
        guard padded.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else { return nil }
        return Int64(String(decoding: padded, as: UTF8.self))
    }

    /// A text that grows from its last character to its first, on the stack: twenty digits, nine zeroes before them, a
    /// point and a sign fit.
    private struct Tail {
        private static let capacity = 32
        private var bytes = InlineArray<32, UInt8>(repeating: 0)
        private var start = Tail.capacity

        var isEmpty: Bool { self.start == Self.capacity }

        mutating func prepend(_ byte: UInt8) {
            self.start -= 1
            self.bytes[self.start] = byte
        }

        var string: String {
            unsafe String(unsafeUninitializedCapacity: Self.capacity - self.start) { target in
                for place in self.start..<Self.capacity { unsafe target[place - self.start] = self.bytes[place] }
                return Self.capacity - self.start
            }
        }
    }
}
