import Foundation
import Platform
import TestSupport
import Testing

private struct NodePage: Decodable {
    struct Item: Decodable {
        let id: String
        let state: String
    }

    let items: [Item]
}

extension HouseSuite {
    @Test(.timeLimit(.minutes(2)))
    func `a node that is asked to drain ends as on SIGTERM, and serves when somebody starts it again`() async throws {
        try await House.scoped(nodes: 1) { house in
            let key = try await house.makeKnownKey()
            let id = try #require(try await house.admin(.get, "/nodes", as: NodePage.self).items.first).id
            let drained = try house.node(0).program
            try await house.admin(.post, "/nodes/\(id)/drain", "{}")
            #expect(try await drained.ended(within: .seconds(40)) == 0, "\(drained.words)")
            try await house.startNode(0)
            try await eventually(within: .seconds(10), "the new boot is active") {
                try await house.admin(.get, "/nodes", as: NodePage.self).items.map(\.state) == ["active"]
            }
            #expect(try await house.ask(key: key.key, on: 0).status == 200)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a banned node wipes its keys, finishes what it has in flight, and ends`() async throws {
        try await House.scoped(nodes: 1) { house in
            let key = try await house.makeKnownKey()
            async let stream = house.ask(key: key.key, on: 0, isStream: true, knobs: "chunks=40;delay=50")
            try await eventually(within: .seconds(10), "the stream is in flight") {
                try await house.metrics(of: 0).value("martlet_streams_open") == 1
            }
            let id = try #require(try await house.admin(.get, "/nodes", as: NodePage.self).items.first).id
            let banned = try house.node(0).program
            try await house.admin(.post, "/nodes/\(id)/ban", "{}")
            let reply = try await stream
            #expect(reply.status == 200 && reply.text.hasSuffix("data: [DONE]\n\n"), "\(reply)")
            #expect(try await banned.ended(within: .seconds(30)) == 0, "\(banned.words)")
            let folder = house.folder.file("node-0").path()
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/node.key"))
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/secrets.sealed"))
        }
    }
}
