import Foundation
import Platform
import TestSupport
import Testing

extension HouseSuite {
    @Test(.timeLimit(.minutes(5)))
    func `a prompt is written, split, kept by each user on every node, rolled back, and told in the usage`()
        async throws
    {
        try await House.scoped(nodes: 2) { house in
            let key = try await house.makeKnownKey().key
            try await house.admin(.post, "/prompts/greeting/versions", Self.version("Greet {{who}}."))
            try await house.admin(.put, "/prompts/greeting/labels/production", #"{"version": 1}"#)
            try await house.publish(provenBy: key)
            #expect(try await house.greeted(by: key, user: "ann", on: 0) == "greeting;version=1")

            try await house.admin(.post, "/prompts/greeting/versions", Self.version("Welcome {{who}}!"))
            let split = #"{"weights": {"1": 50, "2": 50}}"#
            try await house.admin(.put, "/prompts/greeting/labels/production", split)
            try await house.publish(provenBy: key)
            var counts: [String: Int] = [:]
            for user in 0..<60 {
                let first = try await house.greeted(by: key, user: "user-\(user)", on: 0)
                let second = try await house.greeted(by: key, user: "user-\(user)", on: 1)
                #expect(first == second, "user \(user)")
                counts[first, default: 0] += 2
            }
            #expect(Set(counts.keys) == ["greeting;version=1", "greeting;version=2"])

            try await house.admin(.post, "/prompts/greeting/rollback", "{}")
            try await house.publish(provenBy: key)
            for user in 0..<10 {
                #expect(try await house.greeted(by: key, user: "user-\(user)", on: 1) == "greeting;version=1")
            }
            counts["greeting;version=1", default: 0] += 11
            let expected = counts
            try await eventually(within: .seconds(20), "usage by prompt is \(expected)") {
                try await house.usageByPrompt() == expected
            }
            let hole = try await house.greet(by: key, user: "ann", variables: "{}", on: 0)
            #expect(hole.status == 400)
            #expect(String(decoding: hole.body, as: UTF8.self).contains("prompt.variables.who"))
        }
    }

    private static func version(_ content: String) -> String {
        #"{"messages": [{"role": "system", "content": "\#(content)"}]}"#
    }
}

extension House {
    fileprivate func greet(
        by key: String,
        user: String,
        variables: String,
        on number: Int
    ) async throws -> OutgoingResponse {
        let body = """
            {"model": "assistant", "messages": [{"role": "user", "content": "hi"}], "user": "\(user)",
             "prompt": {"id": "greeting", "variables": \(variables)}}
            """
        return try await self.client.send(
            OutgoingRequest(
                .post,
                "http://\(try self.node(number).traffic)/v1/chat/completions",
                headers: [
                    OutgoingHeader("authorization", "Bearer \(key)"),
                    OutgoingHeader("content-type", "application/json"),
                ],
                body: Array(body.utf8)
            )
        )
    }

    /// The version that the reply names.
    fileprivate func greeted(by key: String, user: String, on number: Int) async throws -> String {
        let reply = try await self.greet(by: key, user: user, variables: #"{"who": "Ann"}"#, on: number)
        try #require(reply.status == 200, "\(String(decoding: reply.body, as: UTF8.self))")
        return reply["martlet-prompt"] ?? ""
    }

    fileprivate func usageByPrompt() async throws -> [String: Int] {
        struct Report: Decodable { let rows: [Row] }
        struct Row: Decodable {
            let prompt: String
            let answered: Int
        }
        let report = try await self.admin(.get, "/usage?by=prompt", as: Report.self)
        let rows = report.rows.filter { !$0.prompt.isEmpty }.map { ($0.prompt, $0.answered) }
        return Dictionary(rows) { first, _ in first }
    }
}
