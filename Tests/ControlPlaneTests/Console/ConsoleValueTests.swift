import HTTPTypes
import Testing

@testable import ControlPlane

@Suite struct ConsoleValueTests {
    /// A text, and the field of a file that it becomes.
    static let fields = [
        ("", ""), ("demo", "demo"), ("a b", "a b"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""),
        ("a\nb", "\"a\nb\""), ("a\r\nb", "\"a\r\nb\""), ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"),
        ("=a,\"b\"", "\"'=a,\"\"b\"\"\""), ("\tx", "'\tx"), ("a=1", "a=1"), ("x\"\u{301}", "\"x\"\"\u{301}\""),
    ]

    @Test func `a field of a file is what RFC 4180 says, and no formula`() {
        for (text, field) in Self.fields { #expect(CSV.field(text) == field, "\(text)") }
        #expect(CSV.text([["a", "b"], ["1", "=2"]]) == "a,b\r\n1,'=2\r\n")
    }

    @Test func `usage comes as a file with the same groups as the page`() async throws {
        let harness = try await ConsoleHarness()
        let visitor = try await harness.signIn(as: "viewer")
        let file = try await harness.get("/console/usage.csv?by=team&by=model&range=24h", as: visitor)
        #expect(file.status == 200)
        #expect(file.headers[.contentType] == "text/csv; charset=utf-8")
        #expect(file.headers[.contentDisposition]?.hasPrefix("attachment; filename=\"martlet-usage-") == true)
        let lines = file.text.split(separator: "\r\n")
        #expect(lines.first?.hasPrefix("start,team,model,exchanges,attempts,") == true)
        #expect(lines.dropFirst().first?.contains(",team,model,2,3,2,1,0,0,0,,,,,,,,,,1.50") == true)
        #expect(try await harness.get("/console/usage.csv?step=odd", as: visitor).status == 400)
    }

    static let sums = [
        ("0", "$0.00"), ("0.5", "$0.50"), ("12.5", "$12.50"), ("1234567.891", "$1,234,567.89"), ("0.125", "$0.125"),
        ("0.99999", "$1.00"), ("9.999", "$10.00"), ("0.00012", "$0.00012"), ("0.0000567", "$0.000057"),
        ("0.000000001", "< $0.000001"), ("0.00", "$0.00"), ("1", "$1.00"), ("0.01", "$0.01"),
    ]

    @Test func `money is rounded to what people read`() {
        for (decimal, text) in Self.sums { #expect(Figures.dollars(decimal) == text, "\(decimal)") }
        #expect(Figures.count(1_234_567) == "1,234,567")
        #expect(Figures.count(Int64.min).contains("9,223,372,036,854,775,808"))
        #expect(
            [Figures.percent(1, of: 3), Figures.percent(0, of: 0), Figures.percent(1, of: 100_000)]
                == ["33.3 %", "–", "< 0.1 %"]
        )
    }

    @Test func `a price is shown to its last digit: somebody agrees to it`() {
        for (decimal, text) in [
            ("2.5", "$2.50"), ("1.875", "$1.875"), ("1.001", "$1.001"), ("10", "$10.00"),
            ("0.000000001", "$0.000000001"),
            ("1234.5", "$1,234.50"), ("0.10", "$0.10"),
        ] {
            #expect(Figures.price(decimal) == text)
        }
    }

    @Test func `no line of a difference is left out, however long it is`() {
        let lines = (0..<5_000).map { LineDifference.added("line \($0)") }
        for way in DifferenceView.Way.allCases {
            let text = DifferenceView(lines).json(way).canonical
            #expect(text.contains("line 4999"))
        }
        let long = String(repeating: "a b ", count: 5_000)
        let changes = (0..<50).flatMap { [LineDifference.removed("\(long)\($0)"), .added("\(long)\($0)x")] }
        let text = DifferenceView(changes).json(.side).canonical
        #expect(text.contains("49x"))
    }

    @Test func `words that changed are found within a line, and the pieces are the lines`() {
        let (old, new) = ("Answer in at most three sentences.", "Answer in at most five short sentences.")
        let pieces = WordDifference.between(old, new)
        #expect(pieces.filter { $0.kind == .removed }.map(\.text) == ["three"])
        #expect(pieces.filter { $0.kind == .added }.map(\.text) == ["five short"])
        #expect(pieces.filter { $0.kind != .added }.map(\.text).joined() == old)
        #expect(pieces.filter { $0.kind != .removed }.map(\.text).joined() == new)
        let unlike = WordDifference.between("one thing", "something else entirely")
        #expect(unlike.map(\.kind) == [.removed, .added])
        #expect(WordDifference.words("a  bc, d").joined() == "a  bc, d")
        #expect(WordDifference.between("", "").isEmpty)
        let long = String(repeating: "a ", count: 5_000)
        #expect(WordDifference.between(long, long + "b").count == 2)
    }
}
