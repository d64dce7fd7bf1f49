import Foundation

/// The bytes of an answer in the OpenAI dialect.
extension Answer {
    private static let created = 1_790_000_000

    private static func quoted(_ text: String) -> String {
        let data = try? JSONEncoder().encode(text)
        // A Swift String is always encodable; an empty JSON string stands in for the impossible.
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }

    private var usage: String {
        """
        {"prompt_tokens":\(self.promptTokens),"completion_tokens":\(self.completionTokens),\
        "total_tokens":\(self.promptTokens + self.completionTokens),\
        "prompt_tokens_details":{"cached_tokens":\(self.cachedTokens)}}
        """
    }

    private var toolCall: String {
        #"[{"index":0,"id":"call_1","type":"function","function":{"name":\#(Self.quoted(self.tool ?? "")),"arguments":"{}"}}]"#
    }

    var whole: String {
        let message =
            self.tool == nil
            ? #"{"role":"assistant","content":\#(Self.quoted(self.pieces.joined()))}"#
            : #"{"role":"assistant","content":null,"tool_calls":\#(self.toolCall)}"#
        return """
            {"id":"\(self.id)","object":"chat.completion","created":\(Self.created),"model":\(Self.quoted(self.model)),\
            "choices":[{"index":0,"message":\(message),"finish_reason":"\(self.finishReason)"}]\
            \(self.knobs.withoutUsage ? "" : ",\"usage\":\(self.usage)")}
            """
    }

    private var finishReason: String { self.tool == nil ? "stop" : "tool_calls" }

    private func chunk(_ choices: String, _ tail: String = "") -> String {
        """
        data: {"id":"\(self.id)","object":"chat.completion.chunk","created":\(Self.created),\
        "model":\(Self.quoted(self.model)),"choices":[\(choices)]\(tail)}\n\n
        """
    }

    /// The content events, in order; the first also carries the role.
    var contentEvents: [String] {
        if self.tool != nil {
            return [
                self.chunk(
                    #"{"index":0,"delta":{"role":"assistant","tool_calls":\#(self.toolCall)},"finish_reason":null}"#
                )
            ]
        }
        return self.pieces.enumerated().map { index, piece in
            let role = index == 0 ? #""role":"assistant","# : ""
            return self.chunk(#"{"index":0,"delta":{\#(role)"content":\#(Self.quoted(piece))},"finish_reason":null}"#)
        }
    }

    /// What follows the content: finish, usage if asked, end marker.
    var closingEvents: [String] {
        var events = [self.chunk(#"{"index":0,"delta":{},"finish_reason":"\#(self.finishReason)"}"#)]
        if self.sendsUsageChunk { events.append(self.chunk("", ",\"usage\":\(self.usage)")) }
        if !self.knobs.withoutDone { events.append("data: [DONE]\n\n") }
        return events
    }

    static let errorEvent =
        "data: {\"error\":{\"message\":\"simulated failure\",\"type\":\"server_error\",\"code\":null,\"param\":null}}\n\n"

    static func error(_ status: Int, _ message: String) -> String {
        let type = status == 429 ? "rate_limit_error" : status < 500 ? "invalid_request_error" : "server_error"
        return #"{"error":{"message":\#(self.quoted(message)),"type":"\#(type)","param":null,"code":null}}"#
    }
}
