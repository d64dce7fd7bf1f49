import NIOCore
import TestSupport
import Testing

@testable import Dialects
@testable import Domain

/// Bodies of spoilt bytes: refused as the caller's fault, or harmless, which `OwnedFieldsTests` defines. `Fuzzing` says
/// how to let this run for long.
extension OwnedFieldsTests {
    private static let tokens =
        ChatField.allCases.map { "\"\($0.rawValue)\"" } + [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\u006d", "\\ud800", "\u{17F}", "\u{212A}", "null",
            "true", "1", "-1", "1e3", "18446744073709551616", "\"include_usage\":true", "{}", "[]", " ", "\n",
            "\u{FEFF}",
            "\"model\":\"other\",", "\"stream\":true,", "\"max_tokens\":9,", "/**/",
        ]
    /// Taken bodies of which one is read by every kind of reader, which takes long.
    private static let harmlessEach = 16

    @Test func `any bytes are refused as the caller's fault, or harmless, wherever they lie`() throws {
        var generator = SeededGenerator.printed()
        let corpus = (0..<500).map { _ in Array(Self.randomBody(&generator).utf8) }
        let mutator = Mutator(corpus: corpus, tokens: Self.tokens, lengthMax: 100_000)
        let reader = JSONReader()
        var taken = 0
        for _ in 0..<Fuzzing.executions {
            let bytes = mutator.next(&generator)
            let alone = Self.outcome(ByteBuffer(bytes: bytes), reader)
            if alone != Self.outcome(Self.amid(bytes, &generator), reader) {
                Issue.record(
                    "another outcome amid other bytes: \(String(decoding: bytes, as: UTF8.self).debugDescription)"
                )
            }
            guard alone.isTaken else { continue }
            taken += 1
            if taken.isMultiple(of: Self.harmlessEach) {
                try self.expectHarmless(String(decoding: bytes, as: UTF8.self))
            }
        }
        #expect(taken > Fuzzing.executions / 100, "only \(taken) of \(Fuzzing.executions) were taken")
    }

    private struct Outcome: Hashable {
        var wanted = ""
        var upstream: [UInt8] = []
        var code: Fault.Code?
        var message = ""

        var isTaken: Bool { self.code == nil }
    }

    private static func outcome(_ body: ByteBuffer, _ reader: JSONReader) -> Outcome {
        do {
            let request = try ChatRequest(body, with: reader)
            let upstream = request.shaped(for: try .fixture()).joined
            return Outcome(wanted: request.wanted, upstream: Array(upstream.readableBytesView))
        } catch let fault as Fault {
            #expect(fault.origin == .client && (400..<500).contains(fault.status), "\(fault)")
            return Outcome(code: fault.code, message: fault.message)
        } catch {
            Issue.record(error)
            return Outcome()
        }
    }

    /// Other bytes before and behind it, which are none of its own.
    private static func amid(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> ByteBuffer {
        let before = Int.random(in: 0..<8, using: &generator)
        let around = [UInt8](repeating: UInt8(ascii: "\""), count: 16)
        let buffer = ByteBuffer(bytes: around.prefix(before) + bytes + around)
        return buffer.getSlice(at: before, length: bytes.count) ?? ByteBuffer()
    }
}
