import TestSupport
import Testing

@testable import Domain

@Suite struct `Templates of prompts` {
    private func render(_ source: String, _ variables: [String: JSONValue] = [:]) throws -> String {
        try Template(source).rendered(with: .object(variables))
    }

    private func hole(_ source: String, _ variables: [String: JSONValue] = [:]) throws -> Template.Hole? {
        do {
            _ = try self.render(source, variables)
            return nil
        } catch let hole as Template.Hole { return hole }
    }

    @Test func `nothing is escaped, whatever the braces`() throws {
        let text = #"<b>"a" & 'b'</b> {{not a tag}}"#
        for source in ["{{x}}", "{{{x}}}", "{{&x}}"] { #expect(try self.render(source, ["x": .text(text)]) == text) }
    }

    @Test func `a value is not read as a template again`() throws {
        #expect(try self.render("{{a}}", ["a": .text("{{b}}"), "b": .text("secret")]) == "{{b}}")
    }

    @Test(arguments: ["{{x}}", "{{#x}}a{{/x}}", "{{^x}}a{{/x}}", "{{a.x}}", "{{#l}}{{x}}{{/l}}"])
    func `what is not given is an error that names it, in a section too`(source: String) throws {
        let hole = try self.hole(source, ["a": .object([:]), "l": .list([.number("1")])])
        #expect(hole?.variable == (source.contains("a.x") ? "a.x" : "x"))
        #expect(hole?.detail == "is not given")
    }

    @Test func `what is given as nothing is empty and false`() throws {
        #expect(try self.render("[{{x}}]{{#x}}yes{{/x}}{{^x}}no{{/x}}", ["x": .null]) == "[]no")
    }

    @Test func `an optional name may be absent, others not`() throws {
        let template = try Template("{{#x}}x{{/x}}{{^x}}none{{/x}}{{y}}")
        let options = Template.Options(optional: ["x"])
        #expect(try template.rendered(with: .object(["y": .text("!")]), options: options) == "none!")
        #expect(throws: Template.Hole(variable: "y", detail: "is not given")) {
            try template.rendered(with: .object([:]), options: options)
        }
    }

    @Test func `what is optional may be absent, but nothing else within it`() throws {
        let options = Template.Options(optional: ["customer"])
        let template = try Template("{{customer.nmae}}")
        #expect(try template.rendered(with: .object([:]), options: options).isEmpty)
        let given = JSONValue.object(["customer": .object(["name": .text("Ann")])])
        #expect(throws: Template.Hole.self) { try template.rendered(with: given, options: options) }
    }

    @Test func `a list or an object is no text`() throws {
        for value in [JSONValue.list([]), .object([:])] {
            #expect(try self.hole("{{x}}", ["x": value])?.variable == "x")
        }
    }

    @Test func `numbers stand as they were written`() throws {
        #expect(try self.render("{{x}}", ["x": .number("1.50")]) == "1.50")
    }

    @Test(arguments: [
        ("{{x", 1), ("a\n{{#x}}", 2), ("a\nb\n{{/x}}", 3), ("{{#a}}{{#b}}{{/a}}{{/b}}", 1), ("{{}}", 1), ("{{a b}}", 1),
        ("{{a..b}}", 1), ("{{=x=}}", 1), ("{{= = = =}}", 1), ("{{>}}", 1), ("{{{x}}", 1), ("{{$x}}{{/x}}", 1),
        ("{{<x}}{{/x}}", 1), ("{{>*x}}", 1),
    ])
    func `a source that is no template is refused, with its line`(source: String, line: Int) {
        do {
            _ = try Template(source)
            Issue.record("\(source) was taken")
        } catch {
            #expect(error.line == line, "\(source): \(error)")
        }
    }

    @Test func `partials that are not there or go round are errors, and the text stays within its bound`() throws {
        let round = try Template("{{>round}}")
        #expect(throws: Template.Hole.self) { try round.rendered(with: .object([:])) }
        #expect(throws: Template.Hole.self) { try round.rendered(with: .object([:]), partials: ["round": round]) }
        let many = JSONValue.list(Array(repeating: .text(String(repeating: "x", count: 1_000)), count: 2_000))
        #expect(throws: Template.Hole.self) { try Template("{{#m}}{{.}}{{/m}}").rendered(with: .object(["m": many])) }
    }

    @Test func `lists within lists end at a bound that all messages share`() throws {
        let list = JSONValue.list(Array(repeating: .text(""), count: 200))
        let nested = try Template("{{#m}}{{#m}}{{.}}{{/m}}{{/m}}")
        _ = try nested.rendered(with: .object(["m": list]))
        let message = PromptMessage(role: .user, content: nested)
        #expect(throws: Template.Hole.self) {
            try PromptVersion(messages: [message, message, message]).rendered(with: ["m": list])
        }
        // A section without anything in it takes steps too.
        let many = JSONValue.list(Array(repeating: .text(""), count: 9_000))
        for source in ["{{#m}}{{#m}}{{#m}}{{/m}}{{/m}}{{/m}}", "{{#m}}{{#m}}\n{{/m}}{{/m}}"] {
            #expect(throws: Template.Hole.self) { try Template(source).rendered(with: .object(["m": many])) }
        }
        #expect(try Template("{{#m}}{{#m}}{{!}}{{/m}}{{/m}}").rendered(with: .object(["m": many])).isEmpty)
        let half = JSONValue.text(String(repeating: "x", count: Template.renderedBytesMax / 2 + 1))
        let long = PromptMessage(role: .user, content: try Template("{{m}}"))
        _ = try PromptVersion(messages: [long]).rendered(with: ["m": half])
        #expect(throws: Template.Hole.self) { try PromptVersion(messages: [long, long]).rendered(with: ["m": half]) }
    }

    @Test func `sections nest to their bound and no deeper`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "{{#a}}", count: depth) + String(repeating: "{{/a}}", count: depth)
        }
        _ = try Template(nested(Template.depthMax))
        #expect(throws: Template.Flaw.self) { try Template(nested(Template.depthMax + 1)) }
    }

    @Test func `it tells which partials it uses`() throws {
        let template = try Template("{{a.b}}{{#c}}{{d}}{{>p}}{{/c}}{{^e}}{{>q}}{{/e}}{{.}}")
        #expect(template.partials == ["p", "q"])
    }

    /// Whatever bytes come: a template or a flaw, and what is a template renders or has a hole, within bounds.
    @Test func `no source and no value makes it crash`() throws {
        var random = SeededGenerator.printed()
        let pieces = [
            "{{", "}}", "{{{", "}}}", "#", "^", "/", ">", "!", "=", "&", "a", "b.c", ".", " ", "\n", "\r\n", "é",
            "{{#a}}", "{{/a}}", "{{=<% %>=}}", "<%", "%>",
        ]
        let value = JSONValue.object(["a": .list([.text("1"), .null]), "b": .object(["c": .bool(true)])])
        var rendered = 0
        for _ in 0..<20_000 {
            let source = (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
                pieces.randomElement(using: &random)
            }.joined()
            do {
                _ = try Template(source).rendered(with: value)
                rendered += 1
            } catch is Template.Flaw {} catch is Template.Hole {}
        }
        #expect(rendered > 1_000)
    }
}
