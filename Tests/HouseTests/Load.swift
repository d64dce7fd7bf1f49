import Foundation
import Platform
import Synchronization
import TestSupport

/// Callers that ask the nodes of a house over and over, half of them for streams, until they are told to stop.
final class Load: Sendable {
    /// What the callers saw.
    struct Seen: Sendable {
        /// Whole answers: a 200 with its whole length, or a stream with its end marker.
        var answered = 0
        /// Everything else: refused, broken off, not connected.
        var failed = 0
        /// The statuses of the refusals; 0 where there was no reply.
        var statuses: [Int: Int] = [:]
    }

    private let house: House
    private let key: String
    private let seen = Mutex(Seen())
    private let isOver = Mutex(false)

    init(on house: House, key: String) {
        self.house = house
        self.key = key
    }

    func stop() { self.isOver.withLock { $0 = true } }

    var soFar: Seen { self.seen.withLock { $0 } }

    /// Runs `callers` callers until `stop`.
    func run(callers: Int, seed: UInt64) async {
        await withDiscardingTaskGroup { group in
            for caller in 0..<callers {
                group.addTask {
                    var random = SeededGenerator(seed: seed &+ UInt64(caller))
                    while !self.isOver.withLock({ $0 }) { await self.ask(&random) }
                }
            }
        }
    }

    private func ask(_ random: inout SeededGenerator) async {
        let isStream = Bool.random(using: &random)
        let number = self.house.nodeNumbers.randomElement(using: &random) ?? 0
        do {
            let reply = try await self.house.ask(key: self.key, on: number, isStream: isStream)
            let isWhole = reply.status == 200 && (!isStream || reply.text.hasSuffix("data: [DONE]\n\n"))
            self.seen.withLock {
                if isWhole { $0.answered += 1 } else { $0.failed += 1 }
                $0.statuses[reply.status, default: 0] += 1
            }
        } catch {
            // A node that is being killed: the caller comes again.
            self.seen.withLock {
                $0.failed += 1
                $0.statuses[0, default: 0] += 1
            }
        }
    }
}

extension House {
    /// What the node shows at `/metrics`.
    func metrics(of number: Int) async throws -> Exposition {
        let url = "http://\(try self.node(number).operations)/metrics"
        let reply = try await self.client.send(OutgoingRequest(.get, url))
        return try Exposition(String(decoding: reply.body, as: UTF8.self))
    }

    struct Reply: Sendable {
        let status: Int
        let text: String
        /// `<seq>.<head version>`; empty if the reply does not say.
        let snapshot: String
    }

    /// One chat completion through a node.
    func ask(
        key: String,
        on number: Int,
        isStream: Bool = false,
        route: String = "assistant",
        knobs: String = ""
    ) async throws -> Reply {
        let body = """
            {"model":"\(route)","messages":[{"role":"user","content":"Hello"}],"stream":\(isStream),\
            "metadata":{"sim":"\(knobs)"}}
            """
        let reply = try await self.client.send(
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
        return Reply(
            status: reply.status,
            text: String(decoding: reply.body, as: UTF8.self),
            snapshot: reply["martlet-snapshot"] ?? ""
        )
    }
}
