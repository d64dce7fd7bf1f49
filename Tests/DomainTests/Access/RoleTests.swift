import Domain
import Testing

@Suite struct `Name patterns` {
    @Test func `a star, a prefix or a whole name`() throws {
        let cases: [(pattern: String, matches: [String], misses: [String])] = [
            ("*", ["assistant", "openai/gpt-4o"], []),
            ("openai/*", ["openai/gpt-4o", "openai/"], ["openai", "openaix/gpt", "azure/openai/x"]),
            ("assistant", ["assistant"], ["assistant2", "assistan", "Assistant", ""]),
            ("legal-*", ["legal-a"], ["legal", "illegal-a"]),
        ]
        for (text, matches, misses) in cases {
            let pattern = try #require(NamePattern(text))
            for name in matches { #expect(pattern.matches(name), "\(text) \(name)") }
            for name in misses { #expect(!pattern.matches(name), "\(text) \(name)") }
        }
    }

    @Test func `what no name can match is refused`() {
        let long = String(repeating: "a", count: 131)
        for text in ["", "**", "*a", "a*b", "A*", "a b", "é*", "*\u{301}", "a?", long] {
            #expect(NamePattern(text) == nil, "\(text.debugDescription)")
        }
        #expect(NamePattern(String(repeating: "a", count: 129) + "*") != nil)
    }
}
