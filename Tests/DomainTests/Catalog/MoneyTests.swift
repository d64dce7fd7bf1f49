import Domain
import TestSupport
import Testing

@Suite struct `Sums of money` {
    @Test func `dollars are read exactly`() {
        let cases: [(String, Int64)] = [
            ("0", 0), ("0.00", 0), ("12.50", 12_500_000_000), ("0.000000001", 1), ("007", 7_000_000_000),
            ("9223372036.854775807", .max), ("1.1", 1_100_000_000),
        ]
        for (text, nanoDollars) in cases {
            #expect(Money(dollars: text) == Money(nanoDollars: nanoDollars), "\(text)")
        }
    }

    @Test func `what is not a plain decimal is refused`() {
        let texts = [
            "", ".", ".5", "5.", "-1", "+1", "1e3", "1,5", " 1", "1 ", "0.0000000001", "1.2.3", "९", "NaN", "1_000",
            "9223372036.854775808", "99999999999", String(repeating: "0", count: 21),
        ]
        for text in texts { #expect(Money(dollars: text) == nil, "\(text)") }
    }

    @Test func `dollars are written shortly and read back`() {
        #expect(Money.zero.dollars == "0.00")
        #expect(Money(nanoDollars: 12_500_000_000).dollars == "12.50")
        #expect(Money(nanoDollars: 123).dollars == "0.000000123")
        #expect(Money(nanoDollars: -1_500_000_000).dollars == "-1.50")
        #expect(Money(nanoDollars: .min).dollars == "-9223372036.854775808")
        var random = SeededGenerator.printed()
        for _ in 0..<1_000 {
            let money = Money(nanoDollars: .random(in: 0 ... .max, using: &random))
            #expect(Money(dollars: money.dollars) == money)
        }
    }

    @Test func `a sum that does not fit is no sum`() {
        #expect(Money.max.adding(Money(nanoDollars: 1)) == nil)
        #expect(Money(nanoDollars: .min).adding(Money(nanoDollars: -1)) == nil)
        #expect(Money(nanoDollars: 2).adding(Money(nanoDollars: 3)) == Money(nanoDollars: 5))
    }
}
