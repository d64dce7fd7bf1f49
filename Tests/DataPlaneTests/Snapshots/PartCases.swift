import DataPlane
import Domain
import Foundation
import Platform
import Testing
import Wire

/// F: for whom it is, whether its parts belong together, and how it comes into force.
let partCases: [AttackCase] = [
    AttackCase("F01") {
        let other: ID<Environment> = must(ID("us-prod"))
        let bench = try await SnapshotBench()
        try await bench.refuses(Recipe(42) { $0.editManifest = { $0.environment = other } }, .wrongAudience)
        try await bench.refuses(Recipe(43) { $0.editHead = { $0.environment = other } }, .wrongAudience)
    },
    AttackCase("F02") {
        try await SnapshotBench.onBothLayers(.payloadInvalid) { recipe, layer, _ in
            recipe.payload[layer] = { Raw.replacing(2, in: $0, with: []) }
        }
    },
    AttackCase("F03") {
        let bench = try await SnapshotBench()
        let older = try Recipe(41).publication(of: bench.house, at: bench.now.wall)
        let newer = try bench.offer(Recipe(42))
        let swapped = must(newer.sections.first { $0.kind == "catalog" })
        let foreign = must(older.sections.first { $0.kind == "catalog" })
        bench.origin.set { $0.blobs[Digest.sha256(of: swapped.bytes)] = foreign.bytes }
        try await bench.refusesWhatIsOffered([.partMismatch])
    },
    AttackCase(
        "F04",
        argued:
            "there are no patches: a delta is to fetch the sections that are not held. A held one that is not what it was is fetched again"
    ) {
        let bench = try await SnapshotBench()
        let routes = must(
            try Recipe(41).publication(of: bench.house, at: bench.now.wall).sections.first { $0.kind == "routes" }
        )
        let path = bench.file("blobs/\(Digest.sha256(of: routes.bytes).hex)")
        try Data([UInt8](repeating: 0, count: routes.bytes.count)).write(to: path)
        try bench.offer(Recipe(42))
        let asked = bench.origin.asked.count
        await bench.deliver()
        #expect(bench.codes == ["part_mismatch"])
        #expect(bench.served?.version.sequence == 41)
        await bench.deliver()
        #expect(bench.served?.version.sequence == 42)
        #expect(bench.origin.asked.dropFirst(asked).contains { $0.hasSuffix(Digest.sha256(of: routes.bytes).hex) })
    },
    AttackCase(
        "F05",
        argued:
            "there are no patches: what is compiled is the sections themselves, each compared with its signed digest"
    ) {
        let bench = try await SnapshotBench()
        let publication = try bench.offer(Recipe(42))
        for section in publication.sections where section.kind == "catalog" {
            bench.origin.set { $0.blobs[Digest.sha256(of: section.bytes)] = section.bytes.reversed() }
        }
        try await bench.refusesWhatIsOffered([.partMismatch])
    },
    AttackCase("F06") {
        let bench = try await SnapshotBench()
        let publication = try bench.offer(Recipe(42))
        bench.origin.set { $0.blobs[Digest.sha256(of: must(publication.sections.first).bytes)] = nil }
        try await bench.refusesWhatIsOffered([.partMissing])
    },
    AttackCase("F07") {
        let bench = try await SnapshotBench()
        let publication = try bench.offer(Recipe(42))
        let section = must(publication.sections.first)
        bench.origin.set { $0.blobs[Digest.sha256(of: section.bytes)] = section.bytes + [0] }
        let before = try bench.disk()
        await bench.deliver()
        // Reading stops at the signed size.
        #expect(bench.codes.isSubset(of: ["part_mismatch", "oversized"]) && !bench.codes.isEmpty, "\(bench.codes)")
        #expect(try bench.disk() == before)
        #expect(bench.served?.version.sequence == 41)
    },
    AttackCase("F08") {
        let bench = try await SnapshotBench()
        let extra = Array("not listed".utf8)
        bench.origin.set { $0.blobs[Digest.sha256(of: extra)] = extra }
        try await bench.accepts(Recipe(42))
        #expect(!bench.origin.asked.contains { $0.hasSuffix(Digest.sha256(of: extra).hex) })
        #expect(bench.files.blob(Digest.sha256(of: extra)) == nil)
        // Listed, of a kind that is not known and not critical: neither asked for nor loaded.
        let optional = SnapshotSection(kind: "region-pin", shard: 0, isCritical: false, bytes: extra)
        try await bench.accepts(Recipe(43) { $0.editParts = { $0 + [optional] } })
        #expect(!bench.origin.asked.contains { $0.hasSuffix(Digest.sha256(of: extra).hex) })
    },
    AttackCase(
        "F09",
        argued:
            "rules have no conditions yet; one that has is refused, not dropped, and so is a rule that names what is not there"
    ) {
        let bench = try await SnapshotBench()
        var dangling = House.sections(tag: "x")
        dangling.routes = [Route(name: must(Name("assistant")), rules: [.init(use: [must(Name("local/none"))])])]
        try await bench.refuses(Recipe(42) { [dangling] in $0.sections = dangling }, .payloadInvalid)
        let conditional = { @Sendable (parts: [SnapshotSection]) in
            parts.map { part in
                guard part.kind == "routes" else { return part }
                return part.with(
                    bytes: changing(1, of: part.bytes) {
                        changing(2, of: $0) { $0 + Raw.field(3, "request.task == 1") }
                    }
                )
            }
        }
        try await bench.refuses(Recipe(43) { $0.editParts = conditional }, .unsupportedVersion)
    },
    AttackCase("F10") {
        let bench = try await SnapshotBench()
        var sections = House.sections(tag: "x")
        let version = PromptVersion(messages: [.init(role: .system, content: try Template("{{#open}}x{{/open}}"))])
        sections.prompts = [
            Prompt(
                name: must(Name("greeting")),
                versions: [version],
                labels: [:],
                protectedLabels: [],
                allowsSystem: false
            )
        ]
        let unclosed = { @Sendable (parts: [SnapshotSection]) in
            parts.map { part in
                let bytes = Array(
                    String(decoding: part.bytes, as: UTF8.self).replacing("{{/open}}", with: "}}/open}}").utf8
                )
                return part.kind == "prompts" ? part.with(bytes: bytes) : part
            }
        }
        try await bench.refuses(
            Recipe(42) { [sections] in
                $0.sections = sections
                $0.editParts = unclosed
            },
            .payloadInvalid
        )
        try await bench.accepts(Recipe(43) { [sections] in $0.sections = sections })
    },
    AttackCase("F11") {
        let bench = try await SnapshotBench()
        bench.compileResult = .failure(SnapshotRefusal(.compile, .activationFailed, "out of memory half way"))
        try await bench.refuses(Recipe(42), .activationFailed)
        bench.compileResult = nil
        await bench.deliver()
        #expect(bench.served?.version.sequence == 42, "tried again later")
    },
    AttackCase("F12") {
        let bench = try await SnapshotBench()
        let holder = SnapshotHolder(bench.served)
        let inFlight = (0..<1_000).compactMap { _ in holder.current() }
        try await bench.accepts(Recipe(42))
        holder.replace(with: bench.served)
        #expect(inFlight.count == 1_000 && inFlight.allSatisfy { $0.version.sequence == 41 })
        #expect(inFlight.allSatisfy { $0.content.providers.values.first?.region == "seq-41" }, "whole, not a mixture")
        #expect(holder.current()?.version.sequence == 42)
    },
]
