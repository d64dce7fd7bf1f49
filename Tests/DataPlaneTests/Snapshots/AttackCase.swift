import DataPlane
import Domain
import Foundation
import TestSupport
import Testing
import Wire

/// One case of `snapshot-attacks/cases.json`, under its id.
struct AttackCase: Sendable, CustomTestStringConvertible {
    let id: String
    /// Why the case, or a part of it, cannot occur in our format; nil where all of it is tested as it stands.
    let argued: String?
    let run: @Sendable () async throws -> Void

    init(_ id: String, argued: String? = nil, _ run: @escaping @Sendable () async throws -> Void) {
        self.id = id
        self.argued = argued
        self.run = run
    }

    var testDescription: String { self.id }

    static let all: [AttackCase] =
        acceptedCases + rollbackCases + timeCases + signatureCases + keyCases + encodingCases + contentCases + partCases
        + diskCases + rootCases + rootRefusalCases + transportCases
}

@Suite(.serialized)
struct SnapshotAttackTests {
    @Test(arguments: AttackCase.all)
    func `an attack on the snapshot ends as the fixture says`(_ attack: AttackCase) async throws {
        try await attack.run()
    }

    @Test(.needsFixtures)
    func `every case of the fixture is covered, once, and those argued away say why`() throws {
        struct Fixture: Decodable {
            struct Case: Decodable { let id: String }
            let count: Int
            let cases: [Case]
        }
        let fixture = try Fixtures.json(Fixture.self, "snapshot-attacks/cases.json")
        let wanted = fixture.cases.map(\.id)
        let covered = AttackCase.all.map(\.id)
        #expect(wanted.count == fixture.count)
        #expect(Set(covered) == Set(wanted), "missing or unknown: \(Set(covered).symmetricDifference(wanted).sorted())")
        #expect(covered.count == Set(covered).count)
        let argued = AttackCase.all.filter { $0.argued != nil }
        #expect(argued.allSatisfy { ($0.argued ?? "").count > 40 }, "an argument is a sentence")
        print("snapshot attacks: \(covered.count) covered, \(argued.count) with a written reason:")
        for attack in argued { print("  \(attack.id): \(attack.argued ?? "")") }
    }
}

extension SnapshotBench {
    /// The publication is not taken, for this reason; what was served is served on, and the disk is as it was.
    func refuses(
        _ recipe: Recipe,
        _ codes: SnapshotRefusal.Code...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try self.offer(recipe)
        try await self.refusesWhatIsOffered(codes, sourceLocation: sourceLocation)
    }

    func refusesWhatIsOffered(
        _ codes: [SnapshotRefusal.Code],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = try self.disk()
        let served = self.served
        self.client?.forgetRefusals()
        await self.deliver()
        #expect(self.codes == Set(codes.map(\.rawValue)), "\(self.refused)", sourceLocation: sourceLocation)
        #expect(self.served === served, "what was served is served on", sourceLocation: sourceLocation)
        #expect(try self.disk() == before, "the stored state is unchanged", sourceLocation: sourceLocation)
    }

    /// The publication comes into force and is what a restart finds.
    func accepts(_ recipe: Recipe, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let publication = try self.offer(recipe)
        await self.deliver()
        #expect(self.served?.version.sequence == recipe.sequence, "\(self.refused)", sourceLocation: sourceLocation)
        let stored = try #require(try self.files.active(), sourceLocation: sourceLocation)
        #expect(stored.head == publication.head, sourceLocation: sourceLocation)
        #expect(self.files.blob(stored.active.blob) == publication.manifest, sourceLocation: sourceLocation)
        #expect(try self.files.floors()?.manifest?.number == recipe.sequence, sourceLocation: sourceLocation)
        try self.restart()
        #expect(self.served?.version.sequence == recipe.sequence, sourceLocation: sourceLocation)
    }

    /// The attack on heads and on manifests, each on its own node.
    static func onBothLayers(
        house: House = House(),
        root: ((House) -> Root)? = nil,
        signedBy: ((inout Recipe) -> Void)? = nil,
        _ code: SnapshotRefusal.Code,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ spoil: (inout Recipe, Recipe.Layer, House) -> Void
    ) async throws {
        for layer in Recipe.Layer.allCases {
            let bench = try await SnapshotBench(house: house, root: root, recipe: signedBy ?? { _ in })
            var recipe = Recipe(42, signedBy ?? { _ in })
            spoil(&recipe, layer, house)
            try await bench.refuses(recipe, code, sourceLocation: sourceLocation)
        }
    }
}
