import ControlPlane
import Domain
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Storage
import TestSupport
import Testing
import Wire

@Suite struct NodeAPITests {
    private func started(_ timing: Timing = .system) async throws -> ControlPlaneUnderTest {
        let control = try await ControlPlaneUnderTest(timing: timing)
        try await control.writeFirstCatalog()
        try await control.services.publisher.begin()
        return control
    }

    @Test func `enrolling twice with the same token and key gives the same node and takes one use`() async throws {
        let control = try await self.started()
        let token = try await control.mint()
        let node = try TestNode()
        let other = try TestNode()
        try await control.withNodeAPI { client in
            func enrol(_ node: TestNode) async throws -> TestResponse {
                let body = ByteBuffer(bytes: node.enrolment(token).encoded())
                return try await client.execute(uri: "/node/v1/enroll", method: .post, body: body)
            }
            let first = try EnrollReply.decode(try await enrol(node).bytes)
            #expect(try EnrollReply.decode(try await enrol(node).bytes) == first)
            #expect(first.floor.headVersion > 0)
            _ = try RootChain(first.roots, pin: token.rootDigest)
            let refused = try await enrol(other)
            #expect(refused.status == .forbidden)
            #expect(try refused.refusal() == .tokenUsed)
        }
    }

    @Test func `a token that has expired, or whose secret is another, lets nobody in`() async throws {
        let clock = ManualTiming()
        let control = try await self.started(clock.timing)
        let token = try await control.mint()
        let forged = try #require(JoinToken(token.text.replacing(token.secret, with: try await control.mint().secret)))
        let node = try TestNode()
        await #expect(throws: NodeRefusal.self) { try await control.services.fleet.enrol(node.enrolment(forged)) }
        clock.advance(by: .seconds(600))
        do {
            _ = try await control.services.fleet.enrol(node.enrolment(token))
            Issue.record("an expired token let a node in")
        } catch let refusal as NodeRefusal {
            #expect(refusal.code == .tokenExpired)
        }
    }

    @Test func `a token lets in as many nodes as it says, and a node keeps its place after it has expired`()
        async throws
    {
        let clock = ManualTiming()
        let control = try await self.started(clock.timing)
        let token = try await control.mint(uses: 2)
        let nodes = [try TestNode(), try TestNode()]
        var ids: [ID<Node>] = []
        for node in nodes { ids.append(try await control.services.fleet.enrol(node.enrolment(token)).node) }
        #expect(Set(ids).count == 2)
        clock.advance(by: .seconds(3_600))
        #expect(try await control.services.fleet.enrol(nodes[0].enrolment(token)).node == ids[0])
    }

    @Test func `only calls that the node's own key signed are answered`() async throws {
        let control = try await self.started()
        let node = try await control.enrolled()
        var thief = try TestNode()
        thief.id = node.id
        var stranger = node
        stranger.id = ID("node-0000")
        let (stolen, unknown) = (thief, stranger)
        try await control.withNodeAPI { client in
            #expect(try await node.call(client, .get, "/node/v1/head").status == .ok)
            let forged = try await stolen.call(client, .get, "/node/v1/head")
            #expect(forged.status == .unauthorized)
            #expect(try forged.refusal() == .badSignature)
            #expect(try await unknown.call(client, .get, "/node/v1/head").refusal() == .unknownNode)
            let bare = try await client.execute(uri: "/node/v1/head", method: .get)
            #expect(try bare.refusal() == .malformed)
            #expect(try await node.call(client, .post, "/node/v1/nothing").status == .notFound)
        }
    }

    @Test func `a node fetches everything that a head refers to`() async throws {
        let control = try await self.started()
        let node = try await control.enrolled()
        try await control.withNodeAPI { client in
            let head = try await node.call(client, .get, "/node/v1/head")
            #expect(head.bytes == control.services.board.current()?.bytes)
            let seen = try await control.asNodeSees()
            var wanted = seen.manifest.sections.map(\.blob)
            wanted += [seen.head.stable.blob, seen.head.denyList]
            for reference in wanted {
                let blob = try await node.call(client, .get, "/node/v1/blobs/\(reference.digest)")
                #expect(blob.bytes.count == reference.size)
                #expect(Digest.sha256(of: blob.bytes) == reference.digest)
                #expect(blob.headers[.cacheControl]?.contains("immutable") == true)
            }
            let nothing = String(repeating: "0", count: 64)
            #expect(try await node.call(client, .get, "/node/v1/blobs/\(nothing)").status == .notFound)
            #expect(try await node.call(client, .get, "/node/v1/roots/1").status == .ok)
            #expect(try await node.call(client, .get, "/node/v1/roots/2").refusal() == .notFound)
        }
    }

    @Test func `a poll that knows the head waits, and news ends its wait`() async throws {
        let clock = ManualTiming()
        let control = try await self.started(clock.timing)
        let node = try await control.enrolled()
        try await control.withNodeAPI { client in
            let first = try await node.call(client, .get, "/node/v1/head")
            var headers: HTTPFields = [.ifNoneMatch: try #require(first.headers[.eTag])]
            #expect(try await node.call(client, .get, "/node/v1/head", headers: headers).status == .notModified)
            headers[try #require(HTTPField.Name("prefer"))] = "wait=25"
            let waiting = headers
            try await withThrowingTaskGroup(of: TestResponse.self) { group in
                group.addTask { try await node.call(client, .get, "/node/v1/head", headers: waiting) }
                try await eventually("the poll is parked") { control.services.board.parkedCount == 1 }
                try await control.write(.teams, "second", #"{"name":"second"}"#)
                _ = try await control.services.publisher.publish(by: control.deed)
                let news = try #require(try await group.next())
                #expect(news.status == .ok)
                #expect(news.headers[.eTag] != first.headers[.eTag])
                // Nothing happens: the wait ends after 25 s and a sixteenth at most.
                var quiet = waiting
                quiet[.ifNoneMatch] = news.headers[.eTag]
                let parked = quiet
                group.addTask { try await node.call(client, .get, "/node/v1/head", headers: parked) }
                try await eventually("the poll waits") { clock.sleepers == 1 }
                clock.advance(by: .milliseconds(24_999))
                #expect(control.services.board.parkedCount == 1)
                clock.advance(by: .milliseconds(1_564))
                #expect(try await group.next()?.status == .notModified)
            }
        }
    }

    @Test func `a node that has an older signing of the same head gets the newer one at once`() async throws {
        let clock = ManualTiming()
        let control = try await self.started(clock.timing)
        let node = try await control.enrolled()
        try await control.withNodeAPI { client in
            let first = try await node.call(client, .get, "/node/v1/head")
            clock.advance(by: .seconds(30))
            try await control.services.publisher.begin()
            let headers: HTTPFields = [
                .ifNoneMatch: try #require(first.headers[.eTag]), try #require(HTTPField.Name("prefer")): "wait=25",
            ]
            let second = try await node.call(client, .get, "/node/v1/head", headers: headers)
            #expect(second.status == .ok)
            let head = try Head.decode(try Envelope.decode(second.bytes, expecting: .head).payload)
            #expect(head.issued == clock.now)
        }
    }

    @Test func `a banned node is refused and denied`() async throws {
        let control = try await self.started()
        let node = try await control.enrolled()
        let id = try #require(node.id)
        #expect(try await control.services.fleet.ban(id, by: control.deed)?.state == "banned")
        try await control.services.publisher.begin()
        #expect(try await control.asNodeSees().denied.bannedNodes == [id])
        try await control.withNodeAPI { client in
            let refused = try await node.call(client, .get, "/node/v1/head")
            #expect(refused.status == .forbidden)
            #expect(try refused.refusal() == .banned)
        }
    }

    @Test func `a ban ends the join token that the node came with`() async throws {
        let control = try await self.started()
        let (token, other) = (try await control.mint(uses: 5), try await control.mint(uses: 5))
        let (banned, standing) = (try TestNode(), try TestNode())
        let id = try await control.services.fleet.enrol(banned.enrolment(token)).node
        _ = try await control.services.fleet.enrol(standing.enrolment(token))
        _ = try await control.services.fleet.ban(id, by: control.deed)
        let again = try TestNode()
        do {
            _ = try await control.services.fleet.enrol(again.enrolment(token))
            Issue.record("the banned machine came back with a new key")
        } catch let refusal as NodeRefusal {
            #expect(refusal.code == .tokenUsed)
        }
        // Who is in already stays in, and other tokens are good.
        _ = try await control.services.fleet.enrol(standing.enrolment(token))
        _ = try await control.services.fleet.enrol(again.enrolment(other))
    }

    @Test func `a join token that is not known costs no write`() async throws {
        let control = try await self.started()
        let forged = try await control.mint()
        let junk = try #require(JoinToken(forged.text.replacing(forged.secret, with: try await control.mint().secret)))
        let before = control.database.commits
        let node = try TestNode()
        await #expect(throws: NodeRefusal.self) { try await control.services.fleet.enrol(node.enrolment(junk)) }
        #expect(control.database.commits == before)
    }

    @Test func `a secret is sealed to the node, for the hosts it may go to, and only while a provider uses it`()
        async throws
    {
        let control = try await self.started()
        let node = try await control.enrolled()
        let name = try #require(Name<Secret>("openai-key"))
        try await control.write(.secrets, "openai-key", #"{"name":"openai-key","hosts":["api.openai.com"]}"#)
        let vault = SecretVault(control.opened.vault)
        let sealed = try vault.seal(Array("sk-secret".utf8), of: name, version: 1)
        let deed = control.deed
        try await control.database.write { try vault.keep(sealed, of: name, version: 1, in: $0, by: deed) }
        try await control.withNodeAPI { client in
            func secrets() async throws -> SealedSecrets {
                try SealedSecrets.decode(try await node.call(client, .get, "/node/v1/secrets").bytes)
            }
            #expect(try await secrets().secrets.isEmpty)
            let provider =
                #"{"name":"openai","dialect":"openai","baseUrl":"https://api.openai.com/v1","credential":{"secret":"openai-key"},"jurisdictions":[]}"#
            try await control.write(.providers, "openai", provider)
            let secret = try #require(try await secrets().secrets.first)
            #expect(secret.hosts == ["api.openai.com"])
            let opened = try secret.open(
                environment: control.opened.environment,
                node: try #require(node.id),
                with: node.sealing
            )
            #expect(opened == Array("sk-secret".utf8))
            #expect(throws: SealedSecret.Failure.self) {
                try secret.open(
                    environment: control.opened.environment,
                    node: try #require(node.id),
                    with: SealingKey.generate()
                )
            }
        }
    }

    @Test func `a secret that cannot be opened is left out, and the others come`() async throws {
        let control = try await self.started()
        let node = try await control.enrolled()
        let (vault, deed) = (SecretVault(control.opened.vault), control.deed)
        for (secret, provider) in [("bad-key", "bad"), ("good-key", "good")] {
            try await control.write(.secrets, secret, #"{"name":"\#(secret)","hosts":["api.openai.com"]}"#)
            let content =
                #"{"name":"\#(provider)","dialect":"openai","baseUrl":"https://api.openai.com/v1","credential":{"secret":"\#(secret)"},"jurisdictions":[]}"#
            try await control.write(.providers, provider, content)
            let name = try #require(Name<Secret>(secret))
            // Sealed as another version, the box opens for nobody.
            let sealed = try vault.seal(Array("sk".utf8), of: name, version: provider == "bad" ? 2 : 1)
            try await control.database.write { try vault.keep(sealed, of: name, version: 1, in: $0, by: deed) }
        }
        try await control.withNodeAPI { client in
            let reply = try await node.call(client, .get, "/node/v1/secrets")
            #expect(reply.status == .ok)
            #expect(try SealedSecrets.decode(reply.bytes).secrets.map(\.name.text) == ["good-key"])
        }
    }

    @Test func `what a node says of itself is shown`() async throws {
        let control = try await self.started()
        let node = try await control.enrolled()
        let id = try #require(node.id)
        let version = try await control.asNodeSees().snapshot.version
        var status = NodeStatus(version: "1.2.3", snapshot: version, spooled: 7, warnings: ["the disk is read-only"])
        let body = status.encoded()
        status.refused = [
            ReportedRefusal(
                stage: "compile",
                code: "payload_invalid",
                detail: "route x has no rules",
                sequence: 9,
                headVersion: 9,
                digest: nil,
                at: control.timing.now()
            )
        ]
        let second = status.encoded()
        try await control.withNodeAPI { client in
            #expect(try await node.call(client, .post, "/node/v1/status", body: body).status == .noContent)
            let shown = try #require(try await control.services.fleet.node(id))
            #expect(shown.isCurrent && shown.spooled == 7 && shown.build == "1.2.3" && shown.refusal.isEmpty)
            #expect(shown.warnings == ["the disk is read-only"])
            #expect(try await node.call(client, .post, "/node/v1/status", body: second).status == .noContent)
            #expect(try await control.services.fleet.node(id)?.refusal.contains("route x has no rules") == true)
            let long = [UInt8](repeating: 0, count: NodeStatus.sizeMax + 1)
            #expect(try await node.call(client, .post, "/node/v1/status", body: long).refusal() == .malformed)
        }
        #expect(try await control.services.fleet.liveness(at: control.timing.now()).live == 1)
    }

    @Test func `waits are read from the header and held to their bound`() {
        let cases: [(String?, Duration)] = [
            (nil, .zero), ("wait=25", .seconds(25)), ("respond-async, wait=10", .seconds(10)),
            ("wait=\"5\"", .seconds(5)),
            ("wait=0", .zero), ("wait=-3", .zero), ("wait=x", .zero), ("wait=99999", .seconds(NodeAPI.waitSecondsMax)),
        ]
        for (header, wait) in cases { #expect(NodeAPI.wait(header) == wait) }
    }
}
