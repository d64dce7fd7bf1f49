import Domain
import TestSupport
import Testing

@Suite struct `Names and ids` {
    @Test func `a name keeps the grammar`() {
        for text in ["a", "0", "demo", "gpt-4o", "a.b_c-d", String(repeating: "a", count: 64), "a--b"] {
            #expect(Name<Route>(text)?.text == text)
        }
    }

    @Test func `what is not a name is refused`() {
        let long = String(repeating: "a", count: 65)
        for text in ["", "A", "-a", "a-", ".a", "a.", "_a", "a/b", "a b", "ä", "a\u{301}", "a\0", long, "/", "a/"] {
            #expect(Name<Route>(text) == nil, "\(text.debugDescription)")
        }
    }

    @Test func `a model has exactly one slash`() {
        #expect(Name<Model>("openai/gpt-4o")?.text == "openai/gpt-4o")
        let longest = String(repeating: "a", count: 64) + "/" + String(repeating: "b", count: 64)
        #expect(Name<Model>(longest) != nil)
        for text in ["gpt-4o", "a/b/c", "/b", "a/", "a//b", longest + "b"] {
            #expect(Name<Model>(text) == nil, "\(text)")
        }
    }

    @Test func `an id is opaque ASCII of at most 64 bytes`() {
        for text in ["a", "Az09_-", String(repeating: "x", count: 64)] { #expect(ID<Node>(text)?.text == text) }
        for text in ["", String(repeating: "x", count: 65), "a b", "a/b", "a.b", "é", "a\n"] {
            #expect(ID<Node>(text) == nil, "\(text.debugDescription)")
        }
    }

    @Test func `names sort as their bytes`() {
        let names = ["a", "a-b", "a.b", "a0", "ab"].compactMap(Name<Route>.init)
        #expect(names.sorted() == names)
    }
}

@Suite struct `Digests` {
    @Test func `hex is read back as written`() throws {
        var random = SeededGenerator.printed()
        for _ in 0..<100 {
            let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let digest = try #require(Digest(bytes))
            #expect(digest.hex.utf8.count == 64)
            #expect(Digest(hex: digest.hex) == digest)
            #expect(digest.bytes == bytes)
        }
    }

    @Test func `a digest has one spelling and one length`() {
        let hex = String(repeating: "ab", count: 32)
        #expect(Digest(hex: hex) != nil)
        for text in [
            hex.uppercased(), String(hex.dropLast()), hex + "ab", "", " " + hex.dropFirst(), "g" + hex.dropFirst(),
        ] {
            #expect(Digest(hex: text) == nil, "\(text)")
        }
        #expect(Digest([UInt8](repeating: 0, count: 31)) == nil)
        #expect(Digest([UInt8](repeating: 0, count: 33)) == nil)
    }

    @Test func `digests order as their hex does`() throws {
        var random = SeededGenerator.printed()
        let digests = (0..<50).compactMap { _ in
            Digest((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        }
        #expect(digests.sorted().map(\.hex) == digests.map(\.hex).sorted())
    }
}

@Suite struct `Timestamps` {
    @Test func `the ends of the clock saturate`() {
        let first = Timestamp(unixMilliseconds: .min)
        let last = Timestamp(unixMilliseconds: .max)
        let zero = Timestamp(unixMilliseconds: 0)
        #expect(last.advanced(byMilliseconds: 1) == last)
        #expect(first.advanced(byMilliseconds: -1) == first)
        #expect(zero.advanced(byMilliseconds: 5).unixMilliseconds == 5)
        #expect(last.milliseconds(since: first) == .max)
        #expect(first.milliseconds(since: last) == .min)
        #expect(Timestamp(unixMilliseconds: 7).milliseconds(since: Timestamp(unixMilliseconds: 10)) == -3)
    }
}
