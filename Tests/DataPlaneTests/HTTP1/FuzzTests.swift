import NIOCore
import TestSupport
import Testing

@testable import DataPlane

/// The readers on spoilt bytes: whatever comes, they end with parts or a flaw, and with the same ones however it was
/// cut. `Fuzzing` says how to let them run for long.
@Suite struct FuzzTests {
    private static let tokens = [
        "\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", ":", "0", ";", "\"", ",", "chunked",
        "transfer-encoding: chunked\r\n",
        "content-length: 3\r\n", "host: a\r\n", "GET / HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n", "0\r\n\r\n",
        "connection: close\r\n",
        "18446744073709551616", "ffffffffffffffff", "expect: 100-continue\r\n",
    ]
    /// Below every bound in bytes: at those it matters what has come so far.
    private static let lengthMax = 12_000

    @Test func `any bytes are requests or a flaw, the same however they are cut`() {
        let (good, bad) = (RequestReaderTests.good, RequestReaderTests.smuggling.map(\.text))
        Self.run(good: good, bad: bad, SeededGenerator.printed()) { Reading.requests(in: $0) }
    }

    @Test func `any bytes are replies or a flaw, the same however they are cut`() {
        let (good, bad) = (ReplyReaderTests.good.map(\.text), ReplyReaderTests.bad.map(\.text))
        Self.run(good: good, bad: bad, SeededGenerator.printed()) { Reading.replies(in: $0) }
    }

    private static func run(
        good: [String],
        bad: [String],
        _ seeded: SeededGenerator,
        _ read: ([ByteBuffer]) -> Reading
    ) {
        // Good ones half of the time, however many bad ones there are: behind a flaw nothing more is read.
        let texts = bad + (0..<max(1, bad.count / good.count)).flatMap { _ in good }
        let mutator = Mutator(corpus: texts.map { Array($0.utf8) }, tokens: Self.tokens, lengthMax: Self.lengthMax)
        var generator = seeded
        var whole = 0
        for _ in 0..<Fuzzing.executions {
            let bytes = mutator.next(&generator)
            let reading = read([ByteBuffer(bytes: bytes)])
            let cuts = Int.random(in: 1...4, using: &generator)
            let pieces = Mutator.pieces(of: bytes, cuts: cuts, &generator)
            let again = read(pieces.map { ByteBuffer(bytes: $0) })
            if reading != again {
                Issue.record("\(pieces.map { String(decoding: $0, as: UTF8.self) })\nwhole \(reading)\ncut \(again)")
            }
            if reading.messages.contains(where: \.isWhole) { whole += 1 }
        }
        #expect(whole > Fuzzing.executions / 20, "only \(whole) of \(Fuzzing.executions) had a message in them")
    }
}
