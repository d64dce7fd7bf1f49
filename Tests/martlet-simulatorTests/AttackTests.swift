import Foundation
import Testing

@testable import martlet_simulator

@Suite struct AttackTests {
    private static let caller = HostileCaller(authority: "node", key: "mk_good", model: "assistant")

    private static func deck(seed: UInt64 = 1, _ cases: JSONCases = JSONCases()) -> HostileDeck {
        HostileDeck(caller: Self.caller, cases: cases, seed: seed)
    }

    @Test func `only refusals and closed connections are right`() {
        let request = HostileRequest(.bodies, "", .replies(1))
        for status in [400, 401, 404, 405, 408, 413, 415, 429, 499, 503] {
            #expect(request.verdict([status], .answered) == .init(outcome: "\(status)", isWrong: false))
        }
        for status in [200, 202, 301, 500, 502, 504, 0] {
            #expect(request.verdict([status], .answered).isWrong, "\(status)")
            #expect(request.verdict([400, status], .closed).isWrong, "\(status) behind a refusal")
        }
        #expect(request.verdict([], .closed) == .init(outcome: "closed", isWrong: false))
        #expect(request.verdict([], .dropped) == .init(outcome: "dropped", isWrong: false))
        for end in [HostileRequest.End.hung, .unreadable, .unreachable] {
            #expect(request.verdict([], end) == .init(outcome: end.rawValue, isWrong: true))
            #expect(request.verdict([400], end) == .init(outcome: "400 \(end.rawValue)", isWrong: true))
        }
    }

    @Test func `good requests before a hostile one may be answered, and no more of them than there are`() {
        var request = HostileRequest(.pipelined, "", .closed)
        request.goodReplies = 2
        #expect(request.verdict([200, 200, 400], .closed) == .init(outcome: "good+400", isWrong: false))
        #expect(request.verdict([200, 503, 400], .closed) == .init(outcome: "good+503+400", isWrong: false))
        #expect(request.verdict([200, 200, 200], .closed).isWrong)
        #expect(request.verdict([200, 500], .closed).isWrong)
    }

    @Test func `the same seed gives the same attack, with every kind in it`() {
        var (deck, again, other) = (Self.deck(), Self.deck(), Self.deck(seed: 2))
        let requests = (0..<2_000).map { _ in deck.next(maySlow: true) }
        #expect(requests == (0..<2_000).map { _ in again.next(maySlow: true) })
        #expect(requests != (0..<2_000).map { _ in other.next(maySlow: true) })
        #expect(Set(requests.map(\.kind)) == Set(HostileRequest.Kind.allCases))
        #expect(!(0..<2_000).contains { _ in deck.next(maySlow: false).pace != nil })
        var keys = HostileDeck(caller: Self.caller, cases: JSONCases(), kinds: [.keys], seed: 1)
        #expect((0..<100).allSatisfy { _ in keys.next(maySlow: true).kind == .keys })
        var slow = HostileDeck(caller: Self.caller, cases: JSONCases(), kinds: [.slow], seed: 1)
        #expect((0..<100).allSatisfy { _ in slow.next(maySlow: false).kind == .slow })
    }

    @Test func `no request is one that a server may take`() {
        var deck = Self.deck()
        let whole = Self.caller.post(Self.caller.body)
        for kind in HostileRequest.Kind.allCases {
            for _ in 0..<(kind == .oversized ? 50 : 300) {
                let request = deck.request(kind)
                let text = String(decoding: request.bytes, as: UTF8.self)
                #expect(request.bytes != whole && !request.bytes.isEmpty, "\(kind)")
                switch kind {
                case .cut: #expect(whole.starts(with: request.bytes))
                case .spoilt, .foreign, .randomBytes: #expect(!text.contains(Self.caller.key), "\(kind)")
                case .smuggling, .pipelined: #expect(text.contains(Self.caller.goodRequest), "\(kind)")
                case .bodies, .ambiguousFields, .oversized, .slow, .keys, .paths: continue
                }
            }
        }
    }

    @Test func `JSONTestSuite's texts are read from its own files and from one list`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cases-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: (any Error).self) { try JSONCases(folder: folder.path()) }
        for (name, text) in [("n_a.json", "[1,]"), ("i_b.json", "[1e999]"), ("y_c.json", "[]")] {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        let listed = #"{"cases":[{"expect":"reject","base64":"ew=="},{"expect":"accept","base64":"e30="}]}"#
        try Data(listed.utf8).write(to: folder.appending(path: "parsing.json"))
        let cases = try JSONCases(folder: folder.path())
        #expect(cases.rejected == [Array("{".utf8), Array("[1,]".utf8)] && cases.either == [Array("[1e999]".utf8)])
    }

    @Test func `a report shows what was wrong, and no key`() throws {
        var tally = AttackTally(secret: "mk_good")
        let request = HostileRequest(.keys, "GET / HTTP/1.1\r\nx-api-key: mk_good\r\n\r\n", .replies(1))
        for _ in 0..<30 { tally.add(request, request.verdict([200], .answered)) }
        tally.add(request, request.verdict([401], .answered))
        let report = try AttackReport(tally, seed: 7).json()
        #expect(report.contains(#""keys":{"200":30,"401":1}"#) && report.contains(#""wrong":30"#))
        #expect(report.contains("x-api-key: KEY") && !report.contains("mk_good"))
        #expect(tally.examples.count == 20)
    }
}
