internal import NIOCore

/// Replies on their way to one caller's socket, in the framing that the caller takes. Short pieces are gathered and
/// written in one go when somebody flushes; long ones are handed on as they are.
struct ReplyOutput {
    private let scratch: Scratch
    private var gathered: ByteBuffer?
    private var delimiter = MessageWriter.Delimiter.length
    private var hasBody = true

    init(_ scratch: Scratch) { self.scratch = scratch }

    /// Whether the present reply's end can only be told by the connection's.
    var endsWithConnection: Bool { self.delimiter == .close }

    /// `hasBody` is false for a reply to `HEAD`: what is added to it is dropped.
    mutating func begin(_ head: ReplyHead, _ delimiter: MessageWriter.Delimiter, hasBody: Bool) {
        self.delimiter = delimiter
        self.hasBody = hasBody
        self.gather { MessageWriter.write(head, delimiter, into: &$0) }
    }

    mutating func proceed() { self.gather { $0.writeStaticString(MessageWriter.proceed) } }

    mutating func add(_ bytes: ByteBuffer, to context: ChannelHandlerContext) {
        let length = bytes.readableBytes
        guard self.hasBody, length > 0 else { return }
        let isChunk = self.delimiter == .chunks
        if isChunk { self.gather { MessageWriter.writeChunkLine(length, into: &$0) } }
        if length <= MessageWriter.copiedMax {
            self.gather { $0.writeImmutableBuffer(bytes) }
        } else {
            self.write(to: context, promise: nil)
            context.write(NIOAny(bytes), promise: nil)
        }
        if isChunk { self.gather { $0.writeStaticString(MessageWriter.chunkEnd) } }
        // A reply that comes faster than it is flushed is not copied without end.
        if let gathered = self.gathered, gathered.readableBytes > MessageWriter.copiedMax {
            self.write(to: context, promise: nil)
        }
    }

    /// The reply is over: what is left is written, and `promise` says when the socket has taken all of it.
    mutating func end(to context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        if self.delimiter == .chunks { self.gather { $0.writeStaticString(MessageWriter.lastChunk) } }
        self.delimiter = .length
        self.write(to: context, promise: promise)
        context.flush()
    }

    mutating func flush(to context: ChannelHandlerContext) {
        self.write(to: context, promise: nil)
        context.flush()
    }

    private mutating func gather(_ write: (inout ByteBuffer) -> Void) {
        var buffer = self.gathered.take() ?? self.scratch.take()
        write(&buffer)
        self.gathered = buffer
    }

    private mutating func write(to context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        guard let buffer = self.gathered.take() else {
            if let promise { context.write(NIOAny(ByteBuffer()), promise: promise) }
            return
        }
        context.write(NIOAny(buffer), promise: promise)
        self.scratch.giveBack(buffer)
    }
}
