import Domain
import Testing

@Suite struct `What a token says` {
    private static func claims(_ members: [String: JSONValue]) -> Claims { Claims(members) }

    private static func holds(_ members: [String: JSONValue], at now: Timestamp) -> Bool {
        (try? Claims(members).checkTimes(at: now)) != nil
    }

    @Test(arguments: [
        (JSONValue.text("a"), true), (.list([.text("b"), .text("a")]), true), (.list([]), false), (.text("A"), false),
        (.text("a "), false), (.list([.list([.text("a")])]), false), (.number("1"), false), (.bool(true), false),
        (.null, false), (.object(["a": .text("a")]), false),
    ])
    func `a claim holds a value as one text, or as one of a list, to the letter`(value: JSONValue, holds: Bool) {
        #expect(Self.claims(["groups": value]).holds("a", under: "groups") == holds)
    }

    @Test func `two spellings of one letter are two values`() {
        let claims = Self.claims(["name": .text("caf\u{E9}"), "names": .list([.text("cafe\u{301}")])])
        #expect(claims.holds("caf\u{E9}", under: "name") && !claims.holds("cafe\u{301}", under: "name"))
        #expect(!claims.holds("caf\u{E9}", under: "names"))
    }

    @Test(arguments: [
        (JSONValue.bool(true), true), (.text("true"), true), (.bool(false), false), (.text("false"), false),
        (.null, false), (.number("1"), false),
    ])
    func `an address says nothing unless it is verified`(verified: JSONValue, counts: Bool) {
        let claims = Self.claims(["email": .text("ann@example.com"), "email_verified": verified])
        #expect(claims.holds("ann@example.com", under: "email") == counts)
        #expect((claims.subject(under: "email") != nil) == counts)
    }

    @Test(arguments: [
        (String(repeating: "x", count: 200), true), (String(repeating: "x", count: 201), false), ("", false),
        ("a\nb", false), ("a\u{200B}b", false), ("ann", true), ("zoë", true),
    ])
    func `a subject is short and shows`(subject: String, isGood: Bool) {
        #expect((Self.claims(["sub": .text(subject)]).subject(under: "sub") == subject) == isGood)
    }

    @Test(
        arguments: [
            ("1000", nil, true), ("941", nil, true), ("940", nil, false), ("1e3", nil, true), ("1000.9", nil, true),
            ("1e13", nil, false), ("1000", "1060", true), ("1000", "1061", false),
        ] as [(String, String?, Bool)]
    )
    func `it holds from its begin to its end, give or take a minute`(end: String, begin: String?, holds: Bool) {
        var members: [String: JSONValue] = ["exp": .number(end)]
        if let begin { members["nbf"] = .number(begin) }
        let now = Timestamp(unixMilliseconds: 1_000_000)
        #expect(Self.holds(members, at: now) == holds)
        members["iat"] = .text("1000")
        #expect(!Self.holds(members, at: now), "a begin that is no time")
    }

    @Test func `without an end it never holds`() {
        #expect(!Self.holds([:], at: Timestamp(unixMilliseconds: 0)))
        #expect(!Self.holds(["exp": .text("1000")], at: Timestamp(unixMilliseconds: 0)))
    }
}
