package import Domain
package import NIOCore

/// A streamed chat completion on its way to the caller, event by event.
///
/// Everything passes as it came but for the chunk that only carries usage, which the gateway asked for and the
/// caller did not. The stream is whole only when its end marker has come.
package struct ChatStream: Sendable {
    package enum Step: Hashable, Sendable {
        /// Write these bytes.
        case pass(ByteBuffer)
        /// Nothing of it is for the caller.
        case drop
        /// Write these bytes: the end marker. Whatever follows is dropped.
        case end(ByteBuffer)
        /// The provider reports that it failed. If nothing was written yet, another attempt may follow; else the
        /// stream ends with `ErrorBody.event`.
        case fail(Fault)
    }

    /// The last counts that the provider told, if any.
    package private(set) var tokens: TokenCounts?
    /// The provider's own id of the answer; empty if it gave none.
    package private(set) var id = ""
    /// Events that held output: each is about a token, so this is the count to fall back on.
    package private(set) var outputEvents: Int64 = 0
    /// Some choice has said why it ended.
    package private(set) var isFinished = false
    /// The end marker has come.
    package private(set) var isEnded = false

    /// The provider itself has said that it failed.
    private var hasFailed = false
    private var serviceTier: ServiceTier?
    private let asksForUsage: Bool

    /// `asksForUsage`: whether the caller did.
    package init(asksForUsage: Bool) { self.asksForUsage = asksForUsage }

    /// Whether the model has said anything yet.
    package var hasOutput: Bool { self.outputEvents > 0 }

    /// The provider said that it failed, and nothing before it that anybody could bill.
    package var isRefusal: Bool { self.hasFailed && !self.hasOutput && self.tokens == nil }

    package mutating func take(_ event: StreamEvent, with reader: JSONReader) -> Step {
        guard !self.isEnded else { return .drop }
        guard let data = event.data else { return .pass(event.raw) }
        if Self.isEndMarker(data) {
            self.isEnded = true
            return .end(event.raw)
        }
        let chunk: ChatChunk
        do {
            chunk = try reader.read(data) { (cursor) throws(JSONProblem) in try ChatChunk(at: cursor) }
        } catch {
            // Not a chunk that we read. The caller gets it as it came: its SDK sees what it would see without us.
            return event.name == "error" ? self.failed(UpstreamError.Told()) : .pass(event.raw)
        }
        return self.step(chunk, event)
    }

    private mutating func count(_ chunk: ChatChunk) {
        guard let told = chunk.tokens else { return }
        var counted = (self.tokens ?? .unknown).updated(by: told)
        guard counted != .unknown else { return }
        // Every chunk may name it, and the one that counts need not be the one.
        counted.serviceTier = self.serviceTier
        self.tokens = counted
    }

    private mutating func failed(_ told: UpstreamError.Told) -> Step {
        self.hasFailed = true
        return .fail(told.inAnswer)
    }

    private mutating func step(_ chunk: ChatChunk, _ event: StreamEvent) -> Step {
        // An error can carry the count of what was made before it, and is billed then.
        if let tier = chunk.serviceTier { self.serviceTier = tier }
        self.count(chunk)
        if let error = chunk.error { return self.failed(error) }
        if event.name == "error" { return self.failed(UpstreamError.Told()) }
        if !chunk.id.isEmpty { self.id = chunk.id }
        if chunk.hasOutput { self.outputEvents += 1 }
        if chunk.isFinish { self.isFinished = true }
        let isOnlyUsage = chunk.tokens != nil && chunk.hasNoChoices
        return isOnlyUsage && !self.asksForUsage ? .drop : .pass(event.raw)
    }

    /// The stream has ended. `rest` is what `EventScanner.rest` found behind the last blank line.
    ///
    /// Some servers leave out the blank line behind the end marker: it is added, because without it SDKs drop the
    /// event. Any other rest may have been cut anywhere, so it is not passed on, and the stream is cut.
    package mutating func finish(rest: StreamEvent?) -> Step {
        guard !self.isEnded else { return .drop }
        guard let data = rest?.data, Self.isEndMarker(data) else {
            return .fail(
                Fault(
                    .upstreamError,
                    from: .upstream,
                    retry: .onAnotherModel,
                    "The provider's stream broke off before its end."
                )
            )
        }
        self.isEnded = true
        return .end(ByteBuffer(staticString: "data: [DONE]\n\n"))
    }

    /// SDKs look at how the data begins, so more may follow; no chunk of JSON begins so.
    private static func isEndMarker(_ data: ByteBuffer) -> Bool {
        data.getSlice(at: data.readerIndex, length: self.endMarker.readableBytes) == self.endMarker
    }

    private static let endMarker = ByteBuffer(staticString: "[DONE]")

    /// Longer ids are cut; no vendor's is near.
    private static let idLengthMax = 256

    static func bounded(_ id: JSONMember) -> String {
        String(decoding: (id.string ?? "").utf8.prefix(Self.idLengthMax), as: UTF8.self)
    }
}
