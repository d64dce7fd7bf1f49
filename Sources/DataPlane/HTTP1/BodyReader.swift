internal import NIOCore

/// Takes a body out of its framing. What it hands out shares the memory of what was read.
struct BodyReader {
    private enum Kind {
        case length(Int)
        case chunked(ChunkReader)
        case untilClose
    }

    enum Step {
        case bytes(ByteBuffer)
        case end
        /// What is here has been taken.
        case wait
    }

    private var kind: Kind

    init(_ body: Framing.Body) {
        switch body {
        case .none: self.kind = .length(0)
        case .length(let length): self.kind = .length(length)
        case .chunked: self.kind = .chunked(ChunkReader())
        case .untilClose: self.kind = .untilClose
        }
    }

    /// Whether the end of the connection is the end of the body.
    var endsWithConnection: Bool {
        if case .untilClose = self.kind { true } else { false }
    }

    mutating func next(_ pending: inout ByteBuffer) throws(HTTP1Flaw) -> Step {
        switch self.kind {
        case .length(0): return .end
        case .length(let left):
            guard let bytes = pending.readSlice(length: min(left, pending.readableBytes)), bytes.readableBytes > 0
            else { return .wait }
            self.kind = .length(left - bytes.readableBytes)
            return .bytes(bytes)
        case .untilClose:
            guard let bytes = pending.readSlice(length: pending.readableBytes), bytes.readableBytes > 0 else {
                return .wait
            }
            return .bytes(bytes)
        case .chunked(var chunks):
            let step = try chunks.next(&pending)
            self.kind = .chunked(chunks)
            return step
        }
    }
}
