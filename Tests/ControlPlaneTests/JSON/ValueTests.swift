import ControlPlane
import Domain
import HTTPTypes
import TestSupport
import Testing

@Suite struct ValueTests {
    @Test func `times are read as RFC 3339 in UTC and written the same`() {
        let good: [(String, Int64)] = [
            ("1970-01-01T00:00:00Z", 0), ("2027-01-31T23:59:59Z", 1_801_439_999_000),
            ("2024-02-29T12:00:00.5Z", 1_709_208_000_500), ("2000-02-29T00:00:00.123456789+00:00", 951_782_400_123),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ]
        for (text, milliseconds) in good {
            #expect(Timestamp(rfc3339: text)?.unixMilliseconds == milliseconds, "\(text)")
        }
        let bad = [
            "", "2027-01-31", "2027-01-31T00:00:00", "2027-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
            "2027-13-01T00:00:00Z", "2027-01-31T24:00:00Z", "2027-01-31T00:00:60Z", "2027-01-31T00:00:00+01:00",
            "2027-01-31 00:00:00Z", "2027-01-31T00:00:00.Z", "2027-1-31T00:00:00Z", "1969-12-31T23:59:59Z",
            "2027-01-31T00:00:00ZZ", "２027-01-31T00:00:00Z",
        ]
        for text in bad { #expect(Timestamp(rfc3339: text) == nil, "\(text)") }
        var random = SeededGenerator.printed()
        for _ in 0..<10_000 {
            let time = Timestamp(unixMilliseconds: .random(in: 0...253_402_300_799_999, using: &random))
            #expect(Timestamp(rfc3339: time.rfc3339) == time)
        }
    }

    @Test func `a token's text has its length, its checksum and no bias to a prefix`() {
        for byte in [UInt8(0), 1, 61, 62, 127, 255] {
            let text = TokenText.make(prefix: TokenText.key, random: Array(repeating: byte, count: 32))
            #expect(text.utf8.count == 52)
            #expect(TokenText.isWellFormed(text, prefix: TokenText.key))
            for index in text.utf8.indices.dropFirst(3).map({ text.utf8.distance(from: text.startIndex, to: $0) }) {
                var bytes = Array(text.utf8)
                bytes[index] = bytes[index] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
                #expect(!TokenText.isWellFormed(String(decoding: bytes, as: UTF8.self), prefix: TokenText.key))
            }
        }
        let (zero, one) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 31) + [1])
        #expect(TokenText.make(prefix: "mk_", random: zero).hasPrefix("mk_" + String(repeating: "0", count: 43)))
        #expect(TokenText.make(prefix: "mk_", random: one).dropFirst(3).prefix(43).hasSuffix("01"))
    }

    @Test func `the canonical text is one for equal values, and reads back`() throws {
        let spellings = [
            #"{"b":1,"a":[true,null,"x"]}"#, #" { "a" : [ true , null , "\u0078" ] , "b" : 1 } "#,
        ]
        let texts = try spellings.map { try JSON.parse(Array($0.utf8)).canonical }
        #expect(Set(texts) == [#"{"a":[true,null,"x"],"b":1}"#])
        let odd = JSON.string("\u{0}\u{1F}\"\\\n\u{2028}é😀")
        #expect(try JSON.parse(Array(odd.canonical.utf8)) == odd)
        #expect(try JSON.parse(Array(#""\ud83d\ude00""#.utf8)) == "😀")
        for bad in [#""\ud83d""#, #""\ud83dx""#, #""\ude00""#, #""\x""#, #""\u12""#, "-", "1.", "1e", "+1", ".5"] {
            #expect(throws: JSONFlaw.self, "\(bad)") { try JSON.parse(Array(bad.utf8)) }
        }
    }
}
