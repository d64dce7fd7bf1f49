import Foundation
import Platform
import TestSupport
import Testing

extension House {
    /// A call of the admin API; a reply that is not a 2xx fails the test with what it says.
    @discardableResult
    func admin(
        _ method: OutgoingRequest.Method,
        _ path: String,
        _ body: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Data {
        let reply = try await self.client.send(
            OutgoingRequest(
                method,
                "\(self.adminURL)/v1\(path)",
                headers: [
                    OutgoingHeader("authorization", "Bearer \(self.adminToken)"),
                    OutgoingHeader("content-type", "application/json"),
                ],
                body: Array((body ?? "").utf8)
            )
        )
        let text = String(decoding: reply.body, as: UTF8.self)
        try #require(
            (200..<300).contains(reply.status),
            "\(method) \(path): \(reply.status) \(text)",
            sourceLocation: sourceLocation
        )
        return Data(reply.body)
    }

    func admin<Value: Decodable>(
        _ method: OutgoingRequest.Method,
        _ path: String,
        _ body: String? = nil,
        as type: Value.Type,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Value {
        try JSONDecoder().decode(type, from: try await self.admin(method, path, body, sourceLocation: sourceLocation))
    }

    /// What every test of the house is governed by: two routes to one simulated model.
    func govern() async throws {
        let bundle = """
            {
              "teams": [{"name": "demo"}],
              "roles": [
                {"name": "everyone", "routes": ["*"], "models": []},
                {"name": "narrow", "routes": [], "models": ["simulated/*"]}
              ],
              "secrets": [{"name": "simulated-key", "hosts": ["127.0.0.1"]}],
              "providers": [{
                "name": "simulated", "dialect": "openai-compatible", "baseUrl": "\(self.simulatorURL)/v1",
                "region": "local", "jurisdictions": ["LOCAL"], "credential": {"secret": "simulated-key"}
              }],
              "models": [{
                "name": "simulated/model", "upstream": "sim-model",
                "price": {"input": "0.10", "cachedInput": "0.05", "output": "0.40"},
                "context": 8192, "maxOutput": 1024, "capabilities": ["chat", "stream", "tools"]
              }],
              "routes": [
                {"name": "assistant", "maxOutput": 512, "rules": [{"use": ["simulated/model"]}]},
                {
                  "name": "limited", "rules": [{"use": ["simulated/model"]}],
                  "timeouts": {"firstByteStreamedMs": 1000, "firstByteWholeMs": 1000, "betweenChunksMs": 1000}
                }
              ]
            }
            """
        try await self.admin(.post, "/apply", bundle)
        try await self.admin(.put, "/secrets/simulated-key/value", "{\"value\": \"\(Self.providerKey)\"}")
    }

    struct Key: Decodable {
        let id: String
        let key: String
    }

    func makeKey(role: String = "everyone") async throws -> Key {
        try await self.admin(.post, "/keys", "{\"team\": \"demo\", \"roles\": [\"\(role)\"]}", as: Key.self)
    }

    /// Waits until every node takes the key.
    func makeKnownKey(role: String = "everyone") async throws -> Key {
        let key = try await self.makeKey(role: role)
        for number in self.nodeNumbers {
            try await eventually(within: .seconds(20), "node \(number) knows a new key") {
                try await self.models(with: key.key, on: number) == 200
            }
        }
        return key
    }

    /// Publishes anew and waits until every node serves it. `key` must be known.
    func publish(provenBy key: String) async throws {
        struct Snapshot: Decodable { let seq: Int }
        let seq = try await self.admin(.post, "/snapshots", "{}", as: Snapshot.self).seq
        for number in self.nodeNumbers {
            try await eventually(within: .seconds(20), "node \(number) serves snapshot \(seq)") {
                try await self.ask(key: key, on: number).snapshot.hasPrefix("\(seq).")
            }
        }
    }

    /// The status of `GET /v1/models` on a node.
    func models(with key: String, on number: Int) async throws -> Int {
        let url = "http://\(try self.node(number).traffic)/v1/models"
        let headers = [OutgoingHeader("authorization", "Bearer \(key)")]
        return try await self.client.send(OutgoingRequest(.get, url, headers: headers)).status
    }

    func joinToken() async throws -> String {
        struct Token: Decodable { let token: String }
        return try await self.admin(.post, "/nodes/tokens", "{}", as: Token.self).token
    }
}
