internal import Dialects
internal import Domain
internal import NIOCore

/// Step 3, Shape: the request as one provider gets it. The dialects match, so the caller's bytes are passed on but
/// for the fields that the gateway owns.
enum Shape {
    /// What a provider may see of the caller's header. Everything else stays here: keys, cookies, organisations.
    private static func isAllowed(_ index: Int, in fields: Fields) -> Bool {
        fields.isNamed("accept", at: index) || fields.isNamed("user-agent", at: index)
            || fields.hasPrefix("x-stainless-", at: index) || fields.isNamed("openai-beta", at: index)
            || fields.isNamed("anthropic-version", at: index) || fields.isNamed("anthropic-beta", at: index)
            || fields.isNamed("idempotency-key", at: index)
    }

    static func passedOn(_ fields: Fields) -> Fields {
        var passed = Fields()
        for index in fields.indices where self.isAllowed(index, in: fields) { passed.add(index, of: fields) }
        return passed
    }

    /// The request of one attempt: its head, and its body in pieces to be written in this order.
    static func request(
        _ request: ChatRequest,
        _ fields: Fields,
        for attempt: PlannedAttempt,
        credential: String?
    ) -> (head: RequestHead, body: [ByteBuffer]) {
        let url = attempt.provider.baseURL
        let body = request.shaped(for: attempt)
        var head = RequestHead(method: "POST", target: url.pathPrefix + "/chat/completions")
        head.fields.reserve(fields.count + 5, bytes: fields.lines.readableBytes + 256)
        head.fields.add("host", url.hostHeader)
        head.fields.add(fields)
        // What the body is, whatever the caller called it: it was read as JSON.
        head.fields.add("content-type", "application/json")
        head.fields.add("accept-encoding", "identity")
        head.fields.add("content-length", String(body.reduce(0) { $0 + $1.readableBytes }))
        if let credential {
            head.fields.add("authorization") { value in
                value.writeStaticString("Bearer ")
                value.writeString(credential)
            }
        }
        return (head, body)
    }
}
