import Domain
import Storage
import Testing

@Suite struct CatalogTests {
    @Test(arguments: Place.allCases)
    func `revisions count up and what is in force follows their states`(_ place: Place) async throws {
        let test = try TestDatabase(place)
        try await test.database.write { transaction in
            let steps: [(Revision.State, Int64?)] = [
                (.draft, nil), (.proposed, nil), (.rejected, nil), (.approved, 4), (.draft, 4), (.proposed, 4),
                (.approved, 7), (.deprecated, 8), (.stopped, nil), (.proposed, nil), (.approved, 11), (.archived, nil),
            ]
            for (index, step) in steps.enumerated() {
                let revision = try transaction.write("local/m", state: step.0, kind: .models)
                #expect(revision.revision == Int64(index + 1))
                let item = try #require(try transaction.reading.item(.models, "local/m"))
                #expect(item.inForce?.revision == step.1, "after \(step.0)")
                #expect(item.latest == revision)
            }
            #expect(try transaction.reading.items(of: .models, limit: 10).isEmpty)
            #expect(try transaction.reading.history(of: .models, "local/m", limit: 100).count == steps.count)
            let approvals = try transaction.reading.approvals(of: .models, "local/m").map(\.revision)
            #expect(approvals == [4, 7, 8, 11])
        }
    }

    @Test func `how a list in a thing's content grew is told with who made it grow`() async throws {
        let test = try TestDatabase()
        try await test.database.write { transaction in
            func write(_ versions: String, by author: String, at time: Int64) throws {
                let content = "{\"versions\":\(versions)}"
                try transaction.write("greeting", content, kind: .prompts, by: .fixture(by: author, at: time))
            }
            try transaction.write("greeting", "{}", kind: .prompts)
            try write("[]", by: "ann", at: 1_000)
            try write("[1]", by: "ann", at: 2_000)
            try write("[1]", by: "bob", at: 3_000)
            try write("[1,2,3]", by: "bob", at: 4_000)
            try write("[1,2,3]", by: "cid", at: 5_000)
            try transaction.write("other", "{\"versions\":[1,2]}", kind: .prompts)
            let growth = try transaction.reading.growth(of: "versions", in: .prompts, "greeting")
            #expect(growth.map(\.count) == [1, 3])
            #expect(growth.map(\.author) == ["ann", "bob"])
            #expect(growth.map(\.created.unixMilliseconds) == [2_000, 4_000])
            #expect(try transaction.reading.growth(of: "versions", in: .prompts, "none").isEmpty)
        }
    }

    @Test func `an outline has no content, but how much of it there is and what is in force`() async throws {
        let test = try TestDatabase()
        try await test.database.write { transaction in
            func write(_ name: String, _ content: String, _ state: Revision.State) throws {
                try transaction.write(name, content, state: state, kind: .prompts)
            }
            try write("a", #"{"labels":{"production":1},"versions":[{},{}]}"#, .approved)
            try write("a", #"{"labels":{"production":2},"versions":[{},{},{}]}"#, .proposed)
            try write("b", "{}", .draft)
            try write("c", #"{"labels":{}}"#, .archived)
            try write("d", #"{"labels":{},"versions":[{}]}"#, .approved)
            func outlines(after: String?, limit: Int) throws -> [Outline] {
                try transaction.reading.outlines(
                    of: .prompts,
                    counting: "versions",
                    showing: "labels",
                    after: after,
                    limit: limit
                )
            }
            let all = try outlines(after: nil, limit: 10)
            #expect(all.map(\.name) == ["a", "b", "d"])
            #expect(all.map(\.count) == [3, 0, 1])
            #expect(all.map(\.shown) == [#"{"production":1}"#, nil, "{}"])
            #expect(all.map(\.state) == [.proposed, .draft, .approved] && all[0].revision == 2)
            #expect(try outlines(after: "a", limit: 1).map(\.name) == ["b"])
        }
    }

    @Test func `what was stopped stays on the deny list until it is approved again`() async throws {
        let test = try TestDatabase()
        try await test.database.write { transaction in
            func denied() throws -> [String] { try transaction.reading.takenOutOfForce(.models) }
            try transaction.write("local/m", state: .approved, kind: .models)
            #expect(try denied().isEmpty)
            try transaction.write("local/m", state: .stopped, kind: .models)
            #expect(try denied() == ["local/m"])
            try transaction.write("local/m", state: .draft, kind: .models)
            try transaction.write("local/m", state: .proposed, kind: .models)
            #expect(try denied() == ["local/m"])
            try transaction.write("local/m", state: .approved, kind: .models)
            #expect(try denied().isEmpty)
        }
    }

    @Test func `an expectation that does not hold changes nothing`() async throws {
        let test = try TestDatabase()
        let database = test.database
        try await database.write { _ = try $0.write("assistant") }
        let cases: [(Storage.Expectation, String, StorageFault)] = [
            (.absent, "assistant", .exists), (.present, "other", .notFound), (.revision(1), "other", .notFound),
            (.revision(2), "assistant", .staleRevision(latest: 1)),
        ]
        for (expectation, name, fault) in cases {
            await #expect(throws: fault) {
                try await database.write { _ = try $0.write(name, expecting: expectation) }
            }
        }
        #expect(try await database.read { try $0.history(of: .routes, "assistant", limit: 10).count } == 1)
        try await database.write { _ = try $0.write("assistant", expecting: .revision(1)) }
        try await database.write { _ = try $0.write("assistant", state: .archived) }
        try await database.write { _ = try $0.write("assistant", expecting: .absent) }
        #expect(try await database.read { try $0.latest(.routes, "assistant")?.revision } == 4)
    }

    @Test func `pages follow each other without gap or overlap`() async throws {
        let test = try TestDatabase()
        try await test.database.write { transaction in
            for number in 10..<35 { try transaction.write("r\(number)") }
        }
        var names: [String] = []
        while true {
            let after = names.last
            let page = try await test.database.read {
                try $0.items(of: .routes, after: after, limit: 7).map(\.latest.name)
            }
            if page.isEmpty { break }
            names += page
        }
        #expect(names == (10..<35).map { "r\($0)" })
    }

    @Test func `an archived thing's key text and tokens have ends of their own`() async throws {
        let test = try TestDatabase()
        let key = try #require(ID<APIKey>("key_1"))
        let (first, second) = (testHash([1]), testHash([2]))
        @Sendable func at(_ milliseconds: Int64) -> Timestamp { Timestamp(unixMilliseconds: milliseconds) }
        try await test.database.write { transaction in
            try transaction.rotate(key, to: first, overlapEnd: at(0), by: .fixture(at: 1_000))
            try transaction.rotate(key, to: second, overlapEnd: at(5_000), by: .fixture(at: 2_000))
            // A later rotation cannot prolong the first text.
            #expect(try Set(transaction.reading.keyDigests(at: at(4_999)).map(\.digest)) == [first, second])
            #expect(try transaction.reading.keyDigests(at: at(5_000)).map(\.digest) == [second])
            try transaction.rotate(key, to: testHash([3]), overlapEnd: at(9_000), by: .fixture(at: 3_000))
            #expect(try transaction.reading.keyDigests(of: key).first { $0.digest == first }?.expires == at(5_000))
        }
    }

    @Test func `what was revoked comes back by no step`() async throws {
        let test = try TestDatabase()
        try await test.database.write { transaction in
            try transaction.write("k", kind: .keys)
            try transaction.write("k", state: .revoked, kind: .keys)
            for state in [Revision.State.approved, .draft, .proposed] {
                #expect(throws: StorageFault.self) { try transaction.write("k", "{}", state: state, kind: .keys) }
            }
            try transaction.write("k", state: .archived, kind: .keys)
            #expect(throws: StorageFault.self) { try transaction.write("k", kind: .keys, expecting: .absent) }
            #expect(try transaction.reading.inForce(.keys).isEmpty)
        }
    }
}
