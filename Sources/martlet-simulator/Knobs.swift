/// How one answer looks and what goes wrong with it.
struct Knobs: Hashable, Sendable {
    /// Milliseconds before the first byte.
    var latency: Int64 = 0
    /// Content chunks of a streamed answer.
    var chunks = 4
    /// Milliseconds between two chunks.
    var delay: Int64 = 0
    var promptTokens = Range(7)
    var cachedTokens = Range(0)
    var completionTokens = Range(5)
    /// Bytes of content in the whole answer; nil for a few words.
    var bytes: Int?
    /// The chance, 0 ... 1, that what goes wrong does so for a request at all: see `healthy`.
    var probability = 1.0
    /// Answers with this status instead of a completion.
    var status: Int?
    var retryAfter: Int?
    /// Never answers.
    var hang = false
    /// Closes the connection after so many content chunks, or in the middle of a whole body.
    var cut: Int?
    /// Ends the stream cleanly but without `[DONE]`.
    var withoutDone = false
    /// Sends an error event after so many content chunks and ends the stream.
    var errorEvent: Int?
    /// Leaves `usage` out, whatever was asked.
    var withoutUsage = false
    /// Answers with a call of the first tool that was offered.
    var callTool = false
    /// Repeats the last message as the content.
    var echo = false
    /// Answers with `connection: close`.
    var close = false

    /// An inclusive range that a count is drawn from.
    struct Range: Hashable, Sendable {
        var low: Int64
        var high: Int64

        init(_ value: Int64) {
            self.low = value
            self.high = value
        }

        /// `7` or `5-50`. Nil for anything else.
        init?(_ text: Substring) {
            let ends = text.split(separator: "-").map { Int64($0) }
            guard let first = ends.first, let low = first, let last = ends.last, let high = last, ends.count <= 2,
                low >= 0, low <= high
            else { return nil }
            self.low = low
            self.high = high
        }
    }

    struct Flaw: Error {
        let text: String
    }

    static let help = """
        latency=MS        before the first byte              chunks=N        content chunks of a stream
        delay=MS          between chunks                     bytes=N         content bytes of the answer
        prompt=N[-M]      prompt tokens                      cached=N[-M]    of them read from a cache
        completion=N[-M]  completion tokens                  nousage         leave `usage` out
        status=CODE       answer with an error               retry-after=S   header of that error
        fail=P            chance that any fault applies      hang            never answer
        cut=N             close after N chunks / mid-body    nodone          end the stream without [DONE]
        error=N           error event after N chunks         tool            call the first offered tool
        echo              repeat the last message            close           connection: close
        """

    /// These knobs with those of `text` over them.
    func applying(_ text: some StringProtocol) throws -> Knobs {
        var knobs = self
        for item in text.split(separator: ";") {
            let parts = item.split(separator: "=", maxSplits: 1)
            let name = String(parts[0].filter { $0 != " " })
            guard try knobs.set(name, parts.count == 2 ? Substring(parts[1]) : nil) else {
                throw Flaw(text: "'\(item)' is not a knob; see martlet-simulator --help")
            }
        }
        return knobs
    }

    private mutating func set(_ name: String, _ value: Substring?) throws -> Bool {
        if value == nil { return self.switchOn(name) }
        guard let value else { return false }
        func number() throws -> Int {
            guard let number = Int(value), number >= 0 else { throw Flaw(text: "\(name)=\(value) is not a number") }
            return number
        }
        func range() throws -> Range {
            guard let range = Range(value) else { throw Flaw(text: "\(name)=\(value) is not N or N-M") }
            return range
        }
        switch name {
        case "latency": self.latency = Int64(try number())
        case "chunks": self.chunks = try number()
        case "delay": self.delay = Int64(try number())
        case "bytes": self.bytes = try number()
        case "prompt": self.promptTokens = try range()
        case "cached": self.cachedTokens = try range()
        case "completion": self.completionTokens = try range()
        case "status": self.status = try number()
        case "retry-after": self.retryAfter = try number()
        case "cut": self.cut = try number()
        case "error": self.errorEvent = try number()
        case "fail":
            guard let probability = Double(value), (0...1).contains(probability) else {
                throw Flaw(text: "fail=\(value) is not 0 to 1")
            }
            self.probability = probability
        default: return false
        }
        return true
    }

    private mutating func switchOn(_ name: String) -> Bool {
        switch name {
        case "hang": self.hang = true
        case "nodone": self.withoutDone = true
        case "nousage": self.withoutUsage = true
        case "tool": self.callTool = true
        case "echo": self.echo = true
        case "close": self.close = true
        default: return false
        }
        return true
    }

    /// Without everything that goes wrong.
    var healthy: Knobs {
        var knobs = self
        knobs.status = nil
        knobs.cut = nil
        knobs.hang = false
        knobs.withoutDone = false
        knobs.errorEvent = nil
        return knobs
    }
}
