import NIOCore
import TestSupport
import Testing

@testable import Dialects
@testable import Domain

/// Every field that the gateway owns × every way to write it ambiguously: refused with its name, or harmless,
/// which means that every ordinary reader sees in the upstream body what the gateway read.
struct OwnedFieldsTests {
    private let reader = JSONReader()

    /// A value that is accepted, in a body whose other members are a route and messages.
    private static let valid: [(field: String, value: String)] = [
        ("model", "\"assistant\""), ("messages", "[]"), ("stream", "true"), ("stream_options", "{}"),
        ("max_tokens", "9"), ("max_completion_tokens", "9"), ("max_output_tokens", "null"), ("max_new_tokens", "null"),
        ("n_predict", "null"), ("num_predict", "null"), ("n", "2"), ("n_cmpl", "null"), ("service_tier", "\"flex\""),
        ("metadata", "{\"a\":\"b\"}"), ("user", "\"ann\""), ("prompt", "{\"id\":\"pmpt_1\"}"), ("store", "true"),
        ("previous_response_id", "null"), ("conversation", "null"), ("background", "false"),
    ]

    /// The body's members: what each one needs to be valid, with `field` left out.
    private static func rest(without field: String) -> [String] {
        [("model", "\"assistant\""), ("messages", "[{\"role\":\"user\",\"content\":\"hi\"}]")]
            .filter { $0.0 != field }.map { "\"\($0.0)\":\($0.1)" }
    }

    private static func body(_ members: [String]) -> String { "{" + members.joined(separator: ",") + "}" }

    private func refusal(_ body: String) -> Fault? {
        do {
            _ = try ChatRequest(ByteBuffer(string: body), with: self.reader)
            return nil
        } catch {
            return error
        }
    }

    private func expectRefused(_ body: String, naming field: String, sourceLocation: SourceLocation = #_sourceLocation)
    {
        let fault = self.refusal(body)
        #expect(fault?.code == .invalidRequest, "\(body)", sourceLocation: sourceLocation)
        #expect(fault?.status == 400, "\(body)", sourceLocation: sourceLocation)
        #expect(fault?.parameter == field, "\(body)", sourceLocation: sourceLocation)
        #expect(fault?.message.contains("'\(field)'") == true, "\(body)", sourceLocation: sourceLocation)
    }

    @Test func `the list of this test is the list of the gateway`() {
        #expect(Self.valid.map(\.field) == ChatField.allCases.map(\.rawValue))
    }

    @Test func `each field alone is taken and harmless`() throws {
        for (field, value) in Self.valid {
            try self.expectHarmless(Self.body(Self.rest(without: field) + ["\"\(field)\":\(value)"]))
        }
    }

    @Test func `a field that occurs twice is refused, whichever comes first`() {
        for (field, value) in Self.valid {
            let rest = Self.rest(without: field)
            let member = "\"\(field)\":\(value)"
            for other in [member, "\"\(field)\":null", "\"\(field)\" : [0]"] {
                self.expectRefused(Self.body([other] + rest + [member]), naming: field)
                self.expectRefused(Self.body([member] + rest + [other]), naming: field)
                self.expectRefused(Self.body(rest + [member, other]), naming: field)
            }
        }
    }

    @Test func `a field whose name is written with escapes is refused, alone or beside the plain one`() {
        for (field, value) in Self.valid {
            let rest = Self.rest(without: field)
            for spelling in Self.escaped(field) {
                let member = "\"\(spelling)\":\(value)"
                self.expectRefused(Self.body(rest + [member]), naming: field)
                self.expectRefused(Self.body([member] + rest), naming: field)
                self.expectRefused(Self.body(rest + ["\"\(field)\":\(value)", member]), naming: field)
                self.expectRefused(Self.body([member] + rest + ["\"\(field)\":\(value)"]), naming: field)
            }
        }
    }

    @Test func `a field in another letter case is refused, alone or beside the plain one`() {
        for (field, value) in Self.valid {
            let rest = Self.rest(without: field)
            for spelling in Self.otherCases(field) {
                let member = "\"\(spelling)\":\(value)"
                self.expectRefused(Self.body(rest + [member]), naming: field)
                self.expectRefused(Self.body([member] + rest + ["\"\(field)\":\(value)"]), naming: field)
                self.expectRefused(Self.body(rest + ["\"\(field)\":\(value)", member]), naming: field)
            }
        }
    }

    @Test func `a field of the wrong type is refused`() {
        let kinds: [(kind: JSONKind, value: String)] = [
            (.bool, "true"), (.number, "7"), (.string, "\"x\""), (.array, "[1]"), (.object, "{\"x\":1}"),
        ]
        for field in ChatField.allCases {
            for (kind, value) in kinds where !field.kinds.contains(kind) {
                let rest = Self.rest(without: field.rawValue)
                self.expectRefused(Self.body(rest + ["\"\(field.rawValue)\":\(value)"]), naming: field.rawValue)
            }
        }
        for cap in ["max_tokens", "max_completion_tokens", "n"] {
            for value in ["0", "-1", "1.0", "1e3", "0.5"] {
                self.expectRefused(Self.body(Self.rest(without: cap) + ["\"\(cap)\":\(value)"]), naming: cap)
            }
        }
        for cap in ["max_output_tokens", "max_new_tokens", "n_predict", "num_predict", "n_cmpl"] {
            self.expectRefused(Self.body(Self.rest(without: cap) + ["\"\(cap)\":5"]), naming: cap)
        }
        self.expectRefused(Self.body(Self.rest(without: "model")), naming: "model")
        self.expectRefused(Self.body(Self.rest(without: "messages")), naming: "messages")
    }

    @Test func `look-alikes at other levels are harmless and pass as they came`() throws {
        for (field, value) in Self.valid {
            for spelling in [field] + Self.escaped(field).prefix(2) + Self.otherCases(field).prefix(2) {
                let member = "\"\(spelling)\":\(value)"
                let twice = "{\(member),\(member)}"
                for nest in [
                    "\"messages\":[{\"role\":\"user\",\"content\":\"hi\",\(member),\(member)}]",
                    "\"messages\":[],\"tools\":[{\"type\":\"function\",\"function\":\(twice)}]",
                    "\"messages\":[],\"response_format\":{\"schema\":\(twice)}",
                    "\"messages\":[],\"stream_options\":{\"x\":\(twice),\"other\":\(value)}",
                    "\"messages\":[],\"metadata\":{\"\(spelling)\":\"text\"}",
                    "\"messages\":[],\"note\":\"\\\"\(field)\\\":\(value.replacing("\"", with: "\\\""))\"",
                ] {
                    let body = "{\"model\":\"assistant\",\(nest)}"
                    try self.expectHarmless(body)
                    for piece in nest.split(separator: ",") where piece.contains(spelling) {
                        #expect(try self.upstream(body).contains(piece), "\(body)")
                    }
                }
            }
        }
    }

    @Test func `the wish for usage is unambiguous inside its options`() throws {
        for stream in ["true", "false"] {
            func body(_ options: String) -> String {
                "{\"model\":\"assistant\",\"messages\":[],\"stream\":\(stream),\"stream_options\":{\(options)}}"
            }
            let name = "include_usage"
            for value in ["true", "false", "null"] {
                try self.expectHarmless(body("\"\(name)\":\(value)"))
                try self.expectHarmless(body("\"x\":{\"\(name)\":\(value),\"\(name)\":1},\"\(name)\" : \(value) "))
                let plain = "\"\(name)\":true"
                self.expectRefused(body("\(plain),\"\(name)\":\(value)"), naming: "stream_options.include_usage")
                self.expectRefused(body("\"\(name)\":\(value),\(plain)"), naming: "stream_options.include_usage")
                for spelling in Self.escaped(name) + Self.otherCases(name) {
                    let odd = "\"\(spelling)\":\(value)"
                    for options in [odd, "\(odd),\(plain)", "\(plain),\(odd)"] {
                        self.expectRefused(body(options), naming: "stream_options.include_usage")
                    }
                }
            }
            self.expectRefused(body("\"\(name)\":1"), naming: "stream_options.include_usage")
        }
    }

    @Test func `random bodies of look-alikes are refused or harmless`() throws {
        var random = SeededGenerator.printed()
        var harmless = 0
        for _ in 0..<10_000 {
            let body = Self.randomBody(&random)
            guard self.refusal(body) == nil else { continue }
            harmless += 1
            try self.expectHarmless(body)
        }
        // Else the test would show nothing.
        #expect(harmless > 500)
    }
}

// MARK: - Spellings

extension OwnedFieldsTests {
    /// The name with one letter escaped, with all escaped, and with an escaped NUL behind it, where C strings end.
    static func escaped(_ name: String) -> [String] {
        func escape(_ character: Character) -> String {
            "\\u00" + String(character.asciiValue ?? 0, radix: 16)
        }
        let one = name.indices.map { name[..<$0] + escape(name[$0]) + name[name.index(after: $0)...] }
        return one.map { String($0) } + [name.map(escape).joined(), name + "\\u0000", name + "\\u0000x"]
    }

    /// Upper case in one place and everywhere, and letters outside ASCII that fold to ASCII.
    static func otherCases(_ name: String) -> [String] {
        var cases = [name.uppercased(), name.prefix(1).uppercased() + name.dropFirst()]
        for index in name.indices where name[index].isLetter {
            cases.append(name[..<index] + name[index].uppercased() + name[name.index(after: index)...])
        }
        for (ascii, other) in [("s", "ſ"), ("k", "\u{212A}"), ("st", "ﬆ"), ("st", "ﬅ"), ("i", "ı"), ("i", "İ")] {
            if let range = name.firstRange(of: ascii) { cases.append(name.replacingCharacters(in: range, other)) }
        }
        return Array(Set(cases)).sorted()
    }

    static func randomBody(_ random: inout SeededGenerator) -> String {
        var members = ["\"model\":\"assistant\"", "\"messages\":[]"]
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            guard let (field, value) = self.valid.randomElement(using: &random) else { continue }
            let spellings =
                [field, field, field, field, "x_\(field)", String(field.dropLast())] + self.escaped(field)
                + self.otherCases(field)
            let spelling = spellings[
                Int.random(in: 0..<(Bool.random(using: &random) ? 6 : spellings.count), using: &random)
            ]
            let values = [value, value, "null", RandomJSON.value(&random, depth: 2)]
            members.append("\"\(spelling)\":\(values.randomElement(using: &random) ?? value)")
        }
        if Bool.random(using: &random) {
            let options = ["\"include_usage\":false", "\"include_obfuscation\":false", "\"include_usage\":null"]
            members.append(
                "\"stream_options\":{\(options.filter { _ in Bool.random(using: &random) }.joined(separator: " , "))}"
            )
        }
        members.append("\"x\":\(RandomJSON.value(&random, depth: 3))")
        members.shuffle(using: &random)
        return RandomJSON.space(&random) + "{" + members.joined(separator: RandomJSON.space(&random) + ",") + "}"
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, _ other: String) -> String {
        String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}

// MARK: - What readers see

extension OwnedFieldsTests {
    func upstream(_ body: String, _ dialect: Provider.Dialect = .openAI) throws -> String {
        try ChatRequest(ByteBuffer(string: body), with: self.reader)
            .shaped(for: .fixture(dialect: dialect, outputCap: 5)).joined.text
    }

    /// Whatever reader the upstream has, it sees the model, cap, stream and wish for usage that the gateway decided,
    /// and every other owned field as the gateway read it.
    func expectHarmless(_ body: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let request = try ChatRequest(ByteBuffer(string: body), with: self.reader)
        let original = try OrderedJSON(body.utf8)
        for dialect in Provider.Dialect.allCases {
            let shaped = try OrderedJSON(self.upstream(body, dialect).utf8)
            for reader in OrderedJSON.Reader.allCases {
                func expect(_ field: String, _ value: OrderedJSON?) {
                    #expect(
                        shaped.value(field, as: reader) == value,
                        "\(field) by \(reader) in \(body) for \(dialect)",
                        sourceLocation: sourceLocation
                    )
                }
                expect("model", .string("gpt-4o-2024-08-06"))
                let caps = ["max_tokens", "max_completion_tokens"].map { shaped.value($0, as: reader) ?? .null }
                #expect(caps.contains(.number("5")), "caps by \(reader) in \(body)", sourceLocation: sourceLocation)
                #expect(
                    caps.allSatisfy { $0 == .number("5") || $0 == .null },
                    "caps by \(reader) in \(body)",
                    sourceLocation: sourceLocation
                )
                if request.isStream {
                    expect("stream", .bool(true))
                    let options = shaped.value("stream_options", as: reader)
                    #expect(
                        options?.value("include_usage", as: reader) == .bool(true),
                        "\(body)",
                        sourceLocation: sourceLocation
                    )
                } else {
                    #expect(
                        shaped.value("stream", as: reader) != .bool(true),
                        "\(body)",
                        sourceLocation: sourceLocation
                    )
                }
                expect("user", original.value("user", as: .firstWins))
                #expect(request.user == original.value("user", as: reader).text, sourceLocation: sourceLocation)
                #expect(request.wanted == original.value("model", as: reader).text, sourceLocation: sourceLocation)
                for field in ["n", "service_tier", "metadata", "prompt", "store", "messages"] {
                    expect(field, original.value(field, as: .firstWins))
                }
                for field in [
                    "previous_response_id", "conversation", "n_predict", "num_predict", "max_new_tokens",
                    "max_output_tokens", "n_cmpl",
                ] {
                    expect(field, original.value(field, as: .firstWins) == nil ? nil : .null)
                }
            }
        }
    }
}

extension OrderedJSON? {
    fileprivate var text: String {
        guard case .string(let text) = self else { return "" }
        return text
    }
}
