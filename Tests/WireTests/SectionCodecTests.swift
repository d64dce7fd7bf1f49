import Domain
import TestSupport
import Testing
import Wire

struct SectionCodecTests {
    @Test func `sections are read back as they were written`() throws {
        let sections = Sample.sections()
        let parts = try SectionCodec.encode(sections)
        var decoded = try SectionCodec.decode(parts)
        decoded.keys.sort { $0.digest < $1.digest }
        #expect(decoded == sections)
        _ = try SnapshotContent(decoded)
    }

    @Test func `the same contents in another order give the same bytes`() throws {
        let sections = Sample.sections(keys: 500)
        var shuffled = sections
        var random = SeededGenerator.printed()
        shuffled.keys.shuffle(using: &random)
        shuffled.teams.reverse()
        shuffled.roles.reverse()
        shuffled.providers.reverse()
        #expect(try SectionCodec.encode(sections) == SectionCodec.encode(shuffled))
    }

    @Test func `keys are sharded by about 32 kilobytes and one new key changes one shard`() throws {
        let sections = Sample.sections(keys: 4_000)
        let parts = try SectionCodec.encode(sections)
        let shards = parts.filter { $0.kind == "keys" }
        #expect(shards.count == 16)
        #expect(shards.allSatisfy { $0.bytes.count < 40_000 })
        var more = sections
        more.keys.append(Sample.key(4_000))
        let changed = Set(try SectionCodec.encode(more)).subtracting(parts)
        #expect(changed.count == 1)
        #expect(changed.first?.kind == "keys")
        var decoded = try SectionCodec.decode(parts)
        decoded.keys.sort { $0.digest < $1.digest }
        #expect(decoded.keys == sections.keys)
    }

    @Test func `no section is ever empty, so an empty answer is never one`() throws {
        for part in try SectionCodec.encode(SnapshotSections()) { #expect(!part.bytes.isEmpty, "\(part.kind)") }
    }

    @Test func `shards of two publications do not mix`() throws {
        let few = try SectionCodec.encode(Sample.sections(keys: 3))
        let many = try SectionCodec.encode(Sample.sections(keys: 4_000))
        let mixed = few.filter { $0.kind != "keys" } + many.filter { $0.kind == "keys" && $0.shard == 0 }
        #expect(throws: WireError.self) { try SectionCodec.decode(mixed) }
        var swapped = many.filter { $0.kind != "keys" || $0.shard > 1 }
        for (shard, other) in [(0, 1), (1, 0)] {
            let part = try #require(many.first { $0.kind == "keys" && $0.shard == other })
            swapped.append(SnapshotSection(kind: "keys", shard: shard, isCritical: true, bytes: part.bytes))
        }
        #expect(throws: WireError.self) { try SectionCodec.decode(swapped) }
    }

    @Test func `a key of no team and an id too long for its row are refused when writing`() {
        var sections = Sample.sections()
        sections.teams = []
        #expect(throws: WireError.self) { try SectionCodec.encode(sections) }
        var long = Sample.sections()
        long.keys = [
            APIKey(
                id: must(ID("a-key-id-of-twenty-five-ch")),
                digest: Sample.digest,
                team: must(Name("demo")),
                roles: [],
                expires: nil
            )
        ]
        #expect(throws: WireError.self) { try SectionCodec.encode(long) }
    }

    @Test func `sections cut or changed anywhere are read or refused`() throws {
        var random = SeededGenerator.printed()
        var sections = Sample.sections(keys: 20)
        let scope = Scope(team: must(Name("demo")), metadata: ["data_class": "internal"])
        let amount = Money(nanoDollars: 25_000_000_000)
        sections.budgets = [
            Budget(name: must(Name("month")), scope: scope, per: .user, amount: amount, period: BudgetPeriod(.month))
        ]
        sections.limits = [Limit(name: must(Name("rate")), scope: scope, requestsPerMinute: 600, concurrent: 5)]
        let parts = try SectionCodec.encode(sections)
        for (index, part) in parts.enumerated() {
            func attempt(_ bytes: [UInt8]) {
                var changed = parts
                changed[index] = SnapshotSection(kind: part.kind, shard: part.shard, isCritical: true, bytes: bytes)
                do {
                    _ = try SnapshotContent(SectionCodec.decode(changed))
                } catch {
                    return
                }
            }
            for length in 0..<part.bytes.count { attempt(Array(part.bytes.prefix(length))) }
            for _ in 0..<2_000 {
                var bytes = part.bytes
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
                attempt(bytes)
            }
        }
    }
}
