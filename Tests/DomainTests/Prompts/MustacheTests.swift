import Foundation
import TestSupport
import Testing

@testable import Domain

/// The core of Mustache's specification, version 1.4: all cases of its six modules, with its escaping for HTML and its
/// leniency switched on. The optional modules (lambdas, inheritance, dynamic names) are not supported.
@Suite(.needsFixtures) struct `Mustache's own cases` {
    private struct Module: Decodable {
        let tests: [Case]
    }

    private struct Case: Decodable {
        let name: String
        let template: String
        let data: JSONValue
        let partials: [String: String]?
        let expected: String
    }

    @Test(arguments: ["comments", "delimiters", "interpolation", "inverted", "partials", "sections"])
    func `every case of the core renders as it says`(module: String) throws {
        let cases = try Fixtures.json(Module.self, "mustache/\(module).json").tests
        #expect(cases.count >= 12)
        var options = Template.Options()
        options.isLenient = true
        options.escapesHTML = true
        for each in cases {
            let partials = try (each.partials ?? [:]).mapValues { try Template($0) }
            let text = try Template(each.template).rendered(with: each.data, partials: partials, options: options)
            #expect(text == each.expected, "\(module): \(each.name)")
        }
    }

    @Test(arguments: ["~inheritance", "~dynamic-names"])
    func `what is not supported is refused, not passed over`(module: String) throws {
        let cases = try Fixtures.json(Module.self, "mustache/\(module).json").tests
        for each in cases {
            let sources = [each.template] + (each.partials ?? [:]).values
            let isRefused = sources.contains { source in
                do {
                    _ = try Template(source)
                    return false
                } catch { return true }
            }
            #expect(isRefused, "\(module): \(each.name)")
        }
    }
}

extension JSONValue: Decodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Decimal.self) {
            self = .number("\(value)")
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }
}
