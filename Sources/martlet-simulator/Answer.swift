import Foundation

/// The fields of a chat request that change the answer.
struct ChatRequest: Decodable {
    let model: String
    let stream: Bool?
    let streamOptions: StreamOptions?
    let tools: [Tool]?
    let metadata: [String: String]?
    let messages: [Message]

    struct StreamOptions: Decodable {
        let includeUsage: Bool?

        enum CodingKeys: String, CodingKey {
            case includeUsage = "include_usage"
        }
    }

    struct Tool: Decodable {
        let function: Function

        struct Function: Decodable {
            let name: String
        }
    }

    struct Message: Decodable {
        let text: String

        enum CodingKeys: CodingKey {
            case content
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            // Content may also be a list of parts, which is not worth echoing.
            self.text = (try? fields.decode(String.self, forKey: .content)) ?? ""
        }
    }

    /// A request that wants a healthy answer with its usage.
    init(model: String) {
        self.model = model
        self.stream = true
        self.streamOptions = StreamOptions(includeUsage: true)
        self.tools = nil
        self.metadata = nil
        self.messages = []
    }

    enum CodingKeys: String, CodingKey {
        case model
        case stream
        case streamOptions = "stream_options"
        case tools
        case metadata
        case messages
    }
}

/// One answer, decided before its first byte: a pure value of the request, the knobs and the draws.
struct Answer: Sendable {
    let id: String
    let model: String
    let knobs: Knobs
    let promptTokens: Int64
    let cachedTokens: Int64
    let completionTokens: Int64
    let isStream: Bool
    let sendsUsageChunk: Bool
    let pieces: [String]
    let tool: String?

    init(to request: ChatRequest, knobs: Knobs, number: UInt64, using generator: inout SeededGenerator) {
        let goesWrong = Double.random(in: 0..<1, using: &generator) < knobs.probability
        let knobs = goesWrong ? knobs : knobs.healthy
        self.knobs = knobs
        self.id = "chatcmpl-sim-\(number)"
        self.model = request.model
        self.promptTokens = .random(in: knobs.promptTokens.low...knobs.promptTokens.high, using: &generator)
        let cached = Int64.random(in: knobs.cachedTokens.low...knobs.cachedTokens.high, using: &generator)
        self.cachedTokens = min(cached, self.promptTokens)
        self.completionTokens = .random(
            in: knobs.completionTokens.low...knobs.completionTokens.high,
            using: &generator
        )
        self.isStream = request.stream ?? false
        self.sendsUsageChunk = (request.streamOptions?.includeUsage ?? false) && !knobs.withoutUsage
        self.tool = knobs.callTool ? request.tools?.first?.function.name : nil
        let echoed = knobs.echo ? request.messages.last?.text : nil
        self.pieces = Self.pieces(knobs, echoed: echoed)
    }

    private static func pieces(_ knobs: Knobs, echoed: String?) -> [String] {
        if let echoed { return [echoed] }
        let count = max(1, knobs.chunks)
        guard let bytes = knobs.bytes else { return (1...count).map { "word\($0) " } }
        let size = max(1, bytes / count)
        return Array(repeating: String(repeating: "x", count: size), count: count)
    }
}
