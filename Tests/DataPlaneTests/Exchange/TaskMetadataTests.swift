import Domain
import Testing

@testable import DataPlane

@Suite struct TaskMetadataTests {
    @Test func `reads RFC 8941 dictionaries into strings`() {
        let cases: [(String, [String: String]?)] = [
            ("", [:]), ("user=ann, data_class=eu-personal", ["user": "ann", "data_class": "eu-personal"]),
            (#"a="b \"c\" \\d""#, ["a": #"b "c" \d"#]),
            ("a=1,b=-2.5 ,\tc=?1,d=?0", ["a": "1", "b": "-2.5", "c": "true", "d": "false"]),
            ("a, b;x=1;y, c=*t/z:1;q=\"w\"", ["a": "true", "b": "true", "c": "*t/z:1"]), ("a=1, a=2", ["a": "2"]),
            ("a=", nil), ("a=1,", nil), ("=1", nil), ("A=1", nil), ("a=(1 2)", nil), ("a=:aGk=:", nil), ("a=\"x", nil),
            ("a=1 b=2", nil), ("a=é", nil), ("a=1.", nil), ("a=1.2345", nil), ("a=1234567890123456", nil),
            ("a=?2", nil),
            ("a=\"\t\"", nil), ("a==1", nil), (",a=1", nil),
        ]
        for (text, expected) in cases {
            #expect(StructuredDictionary(text)?.pairs == expected, "\(text)")
        }
    }

    @Test func `the stronger place wins: team, header, body, Helicone`() throws {
        let metadata = try TaskMetadata(
            fields: [
                "martlet-task": "legal", "martlet-metadata": "b=header, c=header, d=header",
                "helicone-property-a": "helicone", "helicone-property-b": "helicone", "helicone-user-id": "hanna",
            ],
            bodyUser: "bob",
            bodyPairs: ["b": "body", "c": "body", "e": "body"],
            team: ["c": "team"]
        )
        #expect(metadata.task == "legal" && metadata.user == "bob")
        #expect(metadata.pairs == ["a": "helicone", "b": "header", "c": "team", "d": "header", "e": "body"])
    }

    @Test func `a user in the header is stronger than the body's, the body's than Helicone's`() throws {
        let both = try TaskMetadata(
            fields: ["martlet-metadata": "user=ann", "helicone-user-id": "hanna"],
            bodyUser: "bob"
        )
        #expect(both.user == "ann" && both.pairs.isEmpty)
        #expect(try TaskMetadata(fields: ["helicone-user-id": "hanna"]).user == "hanna")
    }

    @Test func `whom a token is about is the user of what names none, and takes nobody's room`() throws {
        #expect(try TaskMetadata(fields: [:], subject: "runner").user == "runner")
        #expect(try TaskMetadata(fields: ["martlet-metadata": "user=ann"], subject: "runner").user == "ann")
        let sixteen = (1...16).map { "k\($0)=v" }.joined(separator: ", ")
        let full = try TaskMetadata(fields: ["martlet-metadata": sixteen], subject: "runner")
        #expect(full.user == "runner" && full.pairs.count == 16)
    }

    @Test func `sixteen pairs and a kibibyte are enough, one more is refused`() throws {
        let sixteen = (1...16).map { "k\($0)=v" }.joined(separator: ", ")
        #expect(try TaskMetadata(fields: ["martlet-metadata": sixteen]).pairs.count == 16)
        #expect(throws: Fault.self) { try TaskMetadata(fields: ["martlet-metadata": sixteen + ", k17=v"]) }
        let exact = "a=\"" + String(repeating: "x", count: 1_023) + "\""
        #expect(try TaskMetadata(fields: ["martlet-metadata": exact]).pairs.count == 1)
        let long = "ab=\"" + String(repeating: "x", count: 1_023) + "\""
        #expect(throws: Fault.self) { try TaskMetadata(fields: ["martlet-metadata": long]) }
        #expect(throws: Fault.self) { try TaskMetadata(fields: ["martlet-metadata": "a=("]) }
        #expect(throws: Fault.self) {
            try TaskMetadata(fields: ["martlet-task": String(repeating: "x", count: 1_025)])
        }
    }
}
