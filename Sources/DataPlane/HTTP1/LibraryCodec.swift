internal import NIOCore
internal import NIOHTTP1

// The one file that knows which HTTP/1.1 codec both legs use. The handlers before it see `RequestPart` and
// `ReplyPart` only, so that another codec can take its place without their notice.

/// Bounds that hold before a head reaches anybody.
enum HTTP1Bounds {
    /// All names and values of one head together.
    static let headBytesMax = 32 * 1_024
    static let fieldsMax = 256
}

extension ChannelPipeline.SynchronousOperations {
    /// Adds the codec of the client's side.
    func addHTTP1Server() throws {
        let decoder = HTTPRequestDecoder(
            leftOverBytesStrategy: .dropBytes,
            limitConfiguration: HTTP1Bounds.library
        )
        try self.addHandler(HTTPResponseEncoder(configuration: .init()))
        try self.addHandler(ByteToMessageHandler(decoder))
        try self.addHandler(ServerCodec())
    }

    /// Adds the codec of the provider's side. Informational replies are dropped by it.
    func addHTTP1Client() throws {
        let decoder = HTTPResponseDecoder(
            leftOverBytesStrategy: .dropBytes,
            informationalResponseStrategy: .drop,
            limitConfiguration: HTTP1Bounds.library
        )
        try self.addHandler(HTTPRequestEncoder(configuration: .init()))
        try self.addHandler(ByteToMessageHandler(decoder))
        try self.addHandler(ClientCodec())
    }
}

extension HTTP1Bounds {
    fileprivate static var library: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = self.headBytesMax
        limits.maxHeaderListSize = self.headBytesMax
        limits.maxHeaderFieldCount = self.fieldsMax
        return limits
    }
}

/// Why a codec gave up, in the terms of `ClientConnection`.
enum CodecFlaw: Error {
    case headTooLarge
    case malformed
    /// No `host`, or more than one: two readers could take the request for different ones.
    case badHost
    /// Bytes came behind what was told of already.
    case afterFlaw

    /// Nil for errors that are not the codec's.
    init?(_ error: any Error) {
        switch error {
        case let flaw as CodecFlaw: self = flaw
        case ByteToMessageDecoderError.dataReceivedInErrorState: self = .afterFlaw
        case HTTPParserError.headerOverflow: self = .headTooLarge
        case is HTTPParserError, is NIOHTTPDecoderError: self = .malformed
        default: return nil
        }
    }
}

/// Library parts ⇄ ours, on the client's side.
private final class ServerCodec: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = RequestPart
    typealias OutboundIn = ReplyPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request was not let through, and nothing behind it is.
    private var isBroken = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isBroken else { return }
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            let takesChunks = (head.version.major, head.version.minor) >= (1, 1)
            let hosts = head.headers[canonicalForm: "host"].count
            guard hosts == 1 || hosts == 0 && !takesChunks else {
                self.isBroken = true
                return context.fireErrorCaught(CodecFlaw.badHost)
            }
            var fields = Fields(head.headers)
            let asksClose = !head.isKeepAlive || !takesChunks
            if asksClose, fields["connection"] != "close" { fields.add("connection", "close") }
            let neutral = RequestHead(
                method: head.method.rawValue,
                target: head.uri,
                fields: fields,
                takesChunks: takesChunks
            )
            context.fireChannelRead(Self.wrapInboundOut(.head(neutral)))
        case .body(let bytes): context.fireChannelRead(Self.wrapInboundOut(.body(bytes)))
        case .end: context.fireChannelRead(Self.wrapInboundOut(.end))
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch Self.unwrapOutboundIn(data) {
        case .proceed:
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
        case .head(let head):
            // The library puts a body without a length into chunks, but for this version.
            let library = HTTPResponseHead(
                version: head.isDelimited ? .http1_1 : .http1_0,
                status: HTTPResponseStatus(statusCode: head.status),
                headers: HTTPHeaders(head.fields)
            )
            context.write(Self.wrapOutboundOut(.head(library)), promise: promise)
        case .body(let bytes): context.write(Self.wrapOutboundOut(.body(.byteBuffer(bytes))), promise: promise)
        case .end: context.write(Self.wrapOutboundOut(.end(nil)), promise: promise)
        }
    }
}

/// Library parts ⇄ ours, on the provider's side.
private final class ClientCodec: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = ReplyPart
    typealias OutboundIn = RequestPart
    typealias OutboundOut = HTTPClientRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            var fields = Fields(head.headers)
            if !head.isKeepAlive, fields["connection"] != "close" { fields.add("connection", "close") }
            let neutral = ReplyHead(
                status: Int(head.status.code),
                fields: fields,
                isDelimited: fields["content-length"] != nil || fields["transfer-encoding"] != nil
                    || head.status.code == 204 || head.status.code == 304
            )
            context.fireChannelRead(Self.wrapInboundOut(.head(neutral)))
        case .body(let bytes): context.fireChannelRead(Self.wrapInboundOut(.body(bytes)))
        case .end: context.fireChannelRead(Self.wrapInboundOut(.end))
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch Self.unwrapOutboundIn(data) {
        case .head(let head):
            let library = HTTPRequestHead(
                version: .http1_1,
                method: HTTPMethod(rawValue: head.method),
                uri: head.target,
                headers: HTTPHeaders(head.fields)
            )
            context.write(Self.wrapOutboundOut(.head(library)), promise: promise)
        case .body(let bytes): context.write(Self.wrapOutboundOut(.body(.byteBuffer(bytes))), promise: promise)
        case .end: context.write(Self.wrapOutboundOut(.end(nil)), promise: promise)
        }
    }
}

extension Fields {
    fileprivate init(_ headers: HTTPHeaders) {
        self.init()
        self.reserve(headers.count + 1)
        for (name, value) in headers { self.add(name, value) }
    }
}

extension HTTPHeaders {
    fileprivate init(_ fields: Fields) { self.init(fields.list.map { ($0.name, $0.value) }) }
}
