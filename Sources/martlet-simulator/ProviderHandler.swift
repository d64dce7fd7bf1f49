import Foundation
import NIOCore
import NIOHTTP1

/// One connection: gathers a request, asks the provider for a reply, and sends it at the reply's own pace.
final class ProviderHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let bodyBytesMax = 64 << 20

    private let provider: SimulatedProvider
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(_ provider: SimulatedProvider) { self.provider = provider }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            self.body.clear()
        case .body(var part):
            self.body.writeBuffer(&part)
            if self.body.readableBytes > Self.bodyBytesMax { context.close(promise: nil) }
        case .end:
            guard let head = self.head else { return }
            self.head = nil
            self.answer(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = String(head.uri.prefix { $0 != "?" })
        let body = Data(self.body.readableBytesView)
        if !path.hasPrefix("/_sim/") {
            self.provider.ledger.received(
                .init(
                    head: "\(head.method.rawValue) \(head.uri)",
                    headers: head.headers.map { [$0.name, $0.value] },
                    body: String(decoding: body, as: UTF8.self)
                )
            )
        }
        let reply = self.provider.reply(
            method: head.method.rawValue,
            path: path,
            authorization: head.headers.first(name: "authorization"),
            body: body
        )
        switch reply {
        case .json(let status, let body, let headers):
            self.send(status, body, headers, keepAlive: head.isKeepAlive, context)
        case .answer(let answer):
            guard !answer.knobs.hang else { return }
            let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            let keepAlive = head.isKeepAlive && !answer.knobs.close
            context.eventLoop.scheduleTask(in: .milliseconds(answer.knobs.latency)) {
                let (handler, context) = loopBound.value
                handler.begin(answer, keepAlive: keepAlive, context)
            }
        }
    }

    private func send(
        _ status: Int,
        _ body: Data,
        _ headers: [(String, String)],
        keepAlive: Bool,
        _ context: ChannelHandlerContext,
        onSent: (@Sendable (Result<Void, any Error>) -> Void)? = nil
    ) {
        var fields = HTTPHeaders(headers)
        fields.add(name: "content-type", value: "application/json")
        fields.add(name: "content-length", value: String(body.count))
        if !keepAlive { fields.add(name: "connection", value: "close") }
        self.write(.head(.init(version: .http1_1, status: .init(statusCode: status), headers: fields)), context)
        self.write(.body(.byteBuffer(ByteBuffer(bytes: body))), context)
        let isAwaited = !keepAlive || onSent != nil
        let promise: EventLoopPromise<Void>? = isAwaited ? context.eventLoop.makePromise() : nil
        if let onSent { promise?.futureResult.whenComplete(onSent) }
        if !keepAlive { self.closeWhenSent(promise, context) }
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: promise)
    }

    private func begin(_ answer: Answer, keepAlive: Bool, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return self.provider.ledger.cut() }
        let place = self.provider.ledger.began(answer)
        if answer.isStream {
            self.beginStream(answer, place, keepAlive: keepAlive, context)
        } else {
            self.sendWhole(answer, place, keepAlive: keepAlive, context)
        }
    }

    private func sendWhole(_ answer: Answer, _ place: Int?, keepAlive: Bool, _ context: ChannelHandlerContext) {
        let body = Data(answer.whole.utf8)
        guard answer.knobs.cut == nil else {
            var fields: HTTPHeaders = ["content-type": "application/json"]
            fields.add(name: "content-length", value: String(body.count))
            self.write(.head(.init(version: .http1_1, status: .ok, headers: fields)), context)
            self.write(.body(.byteBuffer(ByteBuffer(bytes: body.prefix(body.count / 2)))), context)
            context.flush()
            return self.cut(context)
        }
        let ledger = self.provider.ledger
        self.send(200, body, [("x-request-id", answer.id)], keepAlive: keepAlive, context) { result in
            switch result {
            case .success: ledger.completed(answer, at: place)
            case .failure: ledger.cut()
            }
        }
    }

    // MARK: - Streams

    private func beginStream(_ answer: Answer, _ place: Int?, keepAlive: Bool, _ context: ChannelHandlerContext) {
        var fields: HTTPHeaders = ["content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"]
        fields.add(name: "x-request-id", value: answer.id)
        fields.add(name: "transfer-encoding", value: "chunked")
        if !keepAlive { fields.add(name: "connection", value: "close") }
        self.write(.head(.init(version: .http1_1, status: .ok, headers: fields)), context)
        let stream = OpenStream(answer: answer, place: place, keepAlive: keepAlive, events: answer.contentEvents)
        self.sendNext(stream, context)
    }

    private struct OpenStream {
        let answer: Answer
        let place: Int?
        let keepAlive: Bool
        let events: [String]
        var sent = 0
    }

    /// One event, and the next when this one has left: a slow reader holds the stream back.
    private func sendNext(_ stream: OpenStream, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return self.provider.ledger.cut() }
        if stream.answer.knobs.cut == stream.sent {
            context.flush()
            return self.cut(context)
        }
        if stream.answer.knobs.errorEvent == stream.sent {
            self.write(.body(.byteBuffer(ByteBuffer(string: Answer.errorEvent))), context)
            return self.finish(stream, isComplete: false, context)
        }
        guard stream.sent < stream.events.count else {
            self.write(.body(.byteBuffer(ByteBuffer(string: stream.answer.closingEvents.joined()))), context)
            return self.finish(stream, isComplete: !stream.answer.knobs.withoutDone, context)
        }
        var next = stream
        next.sent += 1
        let loopBound = NIOLoopBound((self, context, next), eventLoop: context.eventLoop)
        let delay = TimeAmount.milliseconds(stream.answer.knobs.delay)
        let eventLoop = context.eventLoop
        let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: stream.events[stream.sent])))
        context.writeAndFlush(self.wrapOutboundOut(part)).whenComplete { _ in
            eventLoop.scheduleTask(in: delay) {
                let (handler, context, next) = loopBound.value
                handler.sendNext(next, context)
            }
        }
    }

    private func finish(_ stream: OpenStream, isComplete: Bool, _ context: ChannelHandlerContext) {
        let promise: EventLoopPromise<Void> = context.eventLoop.makePromise()
        let ledger = self.provider.ledger
        promise.futureResult.whenComplete { result in
            switch result {
            case .success where isComplete: ledger.completed(stream.answer, at: stream.place)
            case .success, .failure: ledger.cut()
            }
        }
        if !stream.keepAlive { self.closeWhenSent(promise, context) }
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: promise)
    }

    private func cut(_ context: ChannelHandlerContext) {
        self.provider.ledger.cut()
        context.close(promise: nil)
    }

    private func closeWhenSent(_ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        guard let promise else { return }
        let channel = context.channel
        promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
    }

    private func write(_ part: HTTPServerResponsePart, _ context: ChannelHandlerContext) {
        context.write(self.wrapOutboundOut(part), promise: nil)
    }
}
