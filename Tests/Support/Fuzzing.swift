import Foundation

/// How many spoilt inputs a fuzzing test tries: a few where all tests run, ten million where somebody has the time.
///
/// `MARTLET_FUZZ_EXECUTIONS=10000000 swift test -c release -Xswiftc -enable-testing --filter FuzzTests`
package enum Fuzzing {
    private static let executionsUsual = 20_000

    package static let executions =
        ProcessInfo.processInfo.environment["MARTLET_FUZZ_EXECUTIONS"].flatMap(Int.init) ?? executionsUsual
}

/// Makes new inputs out of known ones: by bits and bytes, by pieces, and by what readers stumble over.
package struct Mutator: Sendable {
    private static let editsMax = 6

    private let corpus: [[UInt8]]
    private let tokens: [[UInt8]]
    private let lengthMax: Int

    /// `lengthMax` keeps inputs from growing past bounds at which a reader may stop for another reason.
    package init(corpus: [[UInt8]], tokens: [String], lengthMax: Int) {
        self.corpus = corpus
        self.tokens = tokens.map { Array($0.utf8) } + [[0], [0x7F], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]]
        self.lengthMax = lengthMax
    }

    package func next(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = self.one(&generator)
        for _ in 0..<Int.random(in: 0...Self.editsMax, using: &generator) { self.edit(&bytes, &generator) }
        if bytes.count > self.lengthMax { bytes.removeSubrange(self.lengthMax...) }
        return bytes
    }

    private func one(_ generator: inout SeededGenerator) -> [UInt8] {
        self.corpus.randomElement(using: &generator) ?? []
    }

    private func edit(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        guard !bytes.isEmpty else {
            bytes = self.one(&generator)
            return
        }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let end = min(bytes.count, place + Int.random(in: 1...16, using: &generator))
        switch Int.random(in: 0..<9, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
        case 3: bytes.removeSubrange(place..<end)
        case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 5: bytes.insert(contentsOf: self.tokens.randomElement(using: &generator) ?? [], at: place)
        case 6: bytes.replaceSubrange(place..<end, with: self.tokens.randomElement(using: &generator) ?? [])
        case 7: self.splice(&bytes, at: place, &generator)
        default: bytes.removeSubrange(place...)
        }
    }

    /// Goes on as another input does.
    private func splice(_ bytes: inout [UInt8], at place: Int, _ generator: inout SeededGenerator) {
        let other = self.one(&generator)
        guard !other.isEmpty else { return }
        bytes.replaceSubrange(place..., with: other[Int.random(in: 0..<other.count, using: &generator)...])
    }

    /// `bytes` in pieces, cut at up to `count` places.
    package static func pieces(of bytes: [UInt8], cuts count: Int, _ generator: inout SeededGenerator) -> [[UInt8]] {
        let cuts = (0..<count).map { _ in Int.random(in: 0...bytes.count, using: &generator) }.sorted()
        return zip([0] + cuts, cuts + [bytes.count]).map { Array(bytes[$0..<$1]) }
    }
}
