import Foundation
import NIOCore
import Synchronization

/// One model's answers as bytes, made once and sent again and again.
final class LightReply: Sendable {
    let whole: ByteBuffer
    /// Head, then a chunk for each content event, then what closes the stream.
    let streamHead: ByteBuffer
    let events: [ByteBuffer]
    let streamEnd: ByteBuffer
    let delayMilliseconds: Int64

    init(model: String, defaults: Knobs) throws {
        var knobs = defaults
        if let suffix = model.firstIndex(of: ";") { knobs = try knobs.applying(model[suffix...]) }
        var generator = SeededGenerator(seed: 1)
        let request = ChatRequest(model: model)
        let answer = Answer(to: request, knobs: knobs.healthy, number: 1, using: &generator)
        let body = answer.whole
        self.whole = ByteBuffer(
            string: """
                HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: \(answer.id)\r\n\
                content-length: \(body.utf8.count)\r\n\r\n\(body)
                """
        )
        self.streamHead = ByteBuffer(
            string: """
                HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n\
                x-request-id: \(answer.id)\r\ntransfer-encoding: chunked\r\n\r\n
                """
        )
        self.events = answer.contentEvents.map { ByteBuffer(string: Self.chunk($0)) }
        self.streamEnd = ByteBuffer(string: Self.chunk(answer.closingEvents.joined()) + "0\r\n\r\n")
        self.delayMilliseconds = knobs.delay
    }

    private static func chunk(_ text: String) -> String {
        "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
    }
}

/// The light mode as a whole: the replies of the models that have been asked for.
final class LightProvider: Sendable {
    private static let modelsMax = 1_000

    private struct State {
        var replies: [String: LightReply] = [:]
        var streams = 0
    }

    private let defaults: Knobs
    private let state = Mutex(State())

    init(defaults: Knobs) { self.defaults = defaults }

    func reply(to model: String) throws -> LightReply {
        if let reply = self.state.withLock({ $0.replies[model] }) { return reply }
        let reply = try LightReply(model: model, defaults: self.defaults)
        self.state.withLock { if $0.replies.count < Self.modelsMax { $0.replies[model] = reply } }
        return reply
    }

    /// Where in its pause a new stream begins, 0 ..< 1: streams that were opened at once do not march in step.
    func phase() -> Double {
        let number = self.state.withLock {
            $0.streams += 1
            return $0.streams
        }
        return (Double(number) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1)
    }
}
