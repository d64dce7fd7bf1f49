import DataPlane
import Domain
import Foundation
import Platform
import Testing
import Wire

/// E13 to E21: genuine and still wrong, and answers that are no envelope.
let contentCases: [AttackCase] = [
    AttackCase("E13") {
        let bench = try await SnapshotBench()
        let extra = SnapshotSection(kind: "region-pin", shard: 0, isCritical: true, bytes: [1])
        try await bench.refuses(Recipe(42) { $0.editParts = { $0 + [extra] } }, .unknownCritical)
    },
    AttackCase(
        "E14",
        argued:
            "sections themselves are marked critical, there is no list of names; one marked and without content is refused"
    ) {
        let bench = try await SnapshotBench()
        let empty = Raw.field(1, "region-pin") + Raw.field(4, 1)
        try await bench.refuses(
            Recipe(42) { $0.payload[.manifest] = { $0 + Raw.field(11, empty) } },
            .payloadInvalid
        )
    },
    AttackCase("E15") {
        try await SnapshotBench.onBothLayers(.unsupportedVersion) { recipe, layer, _ in
            recipe.payload[layer] = { Raw.replacing(1, in: $0, with: Raw.field(1, 2)) }
        }
        try await refusesCatalog(.unsupportedVersion) { Raw.replacing(15, in: $0, with: Raw.field(15, 2)) }
        #expect(NodeStatus(version: "test").readerFormat == 1, "the status names what is supported")
    },
    AttackCase("E16") {
        for kind in SectionKind.allCases where kind.isRequired {
            let bench = try await SnapshotBench()
            let recipe = Recipe(42) { $0.editParts = { $0.filter { $0.kind != kind.rawValue } } }
            try await bench.refuses(recipe, .payloadInvalid)
        }
    },
    AttackCase(
        "E17",
        argued: "there are no floating-point numbers: every amount is a whole number, and those out of range are tested"
    ) {
        let negative = UInt64(bitPattern: -1)
        // A model: context, max_output; a price: version, input, output.
        let changes: [(UInt64, UInt64)] = [(5, 0), (5, negative), (5, UInt64(1) << 62), (6, 0), (6, negative)]
        for (field, value) in changes {
            try await refusesCatalog { catalog in
                changing(2, of: catalog) {
                    Raw.replacing(field, in: $0, with: value == 0 ? [] : Raw.field(field, value))
                }
            }
        }
        for field: UInt64 in [3, 4, 5] {
            try await refusesCatalog { catalog in
                changing(2, of: catalog) { model in
                    changing(4, of: model) { Raw.replacing(field, in: $0, with: Raw.field(field, negative)) }
                }
            }
        }
    },
    AttackCase("E18") {
        for name in ["../../etc/x", "C:\\x", "a\u{0}b", String(repeating: "a", count: 5_000), ""] {
            let bench = try await SnapshotBench()
            let part =
                Raw.field(1, name) + Raw.field(3, Raw.field(1, [UInt8](repeating: 1, count: 32)) + Raw.field(2, 9))
            try await bench.refuses(
                Recipe(42) { $0.payload[.manifest] = { $0 + Raw.field(11, part) } },
                .payloadInvalid
            )
            try await refusesCatalog { catalog in
                changing(1, of: catalog) { Raw.replacing(1, in: $0, with: name.isEmpty ? [] : Raw.field(1, name)) }
            }
        }
    },
    AttackCase("E19") {
        for body in ["", "null", "{}"] {
            let bench = try await SnapshotBench()
            bench.origin.answer { $0 == "/node/v1/head" ? .success(.init(status: 200, body: Array(body.utf8))) : nil }
            let before = try bench.disk()
            await bench.deliver()
            #expect(
                bench.codes.isSubset(of: ["malformed_envelope", "truncated"]) && !bench.codes.isEmpty,
                "\(bench.codes)"
            )
            #expect(bench.served?.version.sequence == 41)
            #expect(try bench.disk() == before)
        }
    },
    AttackCase("E20") {
        let bench = try await SnapshotBench()
        let page = Array("<!DOCTYPE html><html><body>Please log in</body></html>".utf8)
        let header = OutgoingHeader("content-type", "text/html")
        bench.origin.answer { _ in .success(.init(status: 200, headers: [header], body: page)) }
        try await bench.refusesWhatIsOffered([.malformedEnvelope])
    },
    AttackCase(
        "E21",
        argued:
            "fields are numbers, so none looks like another; our choice: an envelope with a field not its own is refused"
    ) {
        try await SnapshotBench.onBothLayers(.malformedEnvelope) { recipe, layer, _ in
            recipe.bytes[layer] = { $0 + Raw.field(12, "payload") }
        }
    },
]

/// `message` with the first of its messages of this number changed.
func changing(_ number: UInt64, of message: [UInt8], _ change: ([UInt8]) -> [UInt8]) -> [UInt8] {
    var isDone = false
    return Raw.fields(of: message).flatMap { field -> [UInt8] in
        guard field.number == number, !isDone else { return field.bytes }
        isDone = true
        // One byte of tag, then the length.
        let content = field.bytes.dropFirst().drop { $0 >= 0x80 }.dropFirst()
        return Raw.field(number, change(Array(content)))
    }
}
