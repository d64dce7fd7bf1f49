internal import Dialects
internal import Domain
internal import NIOCore

/// Step 1, Arrive: head and body within bounds, from somebody whom the snapshot knows.
extension LiveExchange {
    struct Collecting {
        let errand: Errand
        let fields: Fields
        let application: Application
        var body: ByteBuffer
        let deadline: Tick
        /// Its sender waits to be told to go on.
        let waitsForConsent: Bool

        var sender: Sender { Sender(application: self.application, errand: self.errand, fields: self.fields) }
    }

    struct Refusing {
        let refusal: Refusal
        var discarded = 0
        let deadline: Tick
    }

    mutating func arrive(_ head: RequestHead, at now: Tick, _ out: inout ExchangeActions) {
        let deadline = now.advanced(milliseconds: self.rules.bounds.requestMilliseconds)
        let length = head.fields["content-length"].flatMap { Int($0) }
        let waitsForConsent = head.takesChunks && head.fields["expect"]?.lowercasedASCII == "100-continue"
        out.append(.wake(at: deadline))
        do throws(Refusal) {
            let sender = try self.accept(head, length: length)
            out.append(.occupy(sender.application.id, invites: waitsForConsent))
            var body = ByteBuffer()
            // The length is only a promise: memory is taken for what comes, plus what the parser reads beyond it.
            if let length { body.reserveCapacity(min(max(length, 0), self.rules.bounds.discardMax) + 64) }
            self.state = .collecting(
                Collecting(
                    errand: sender.errand,
                    fields: head.fields,
                    application: sender.application,
                    body: body,
                    deadline: deadline,
                    waitsForConsent: waitsForConsent
                )
            )
        } catch {
            self.state = .refusing(Refusing(refusal: error, deadline: deadline))
            if let sender = error.sender { self.deny(error.fault, sender, nil, at: now, &out) }
            // A sender that waits for consent does not send, and a long body is not worth reading.
            let isLong = (length ?? 0) > self.rules.bounds.discardMax
            if waitsForConsent || isLong { self.answerRefusal(isWholeRequestRead: false, &out) }
        }
    }

    mutating func received(_ bytes: ByteBuffer, at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .collecting(var collecting):
            guard collecting.body.readableBytes + bytes.readableBytes <= self.rules.bounds.bodyMax else {
                self.turnAway(collecting, .bodyTooLarge(self.rules.bounds.bodyMax), at: now, &out)
                return
            }
            collecting.body.writeImmutableBuffer(bytes)
            self.state = .collecting(collecting)
        case .refusing(var refusing):
            refusing.discarded += bytes.readableBytes
            let isEnough = refusing.discarded > self.rules.bounds.discardMax
            self.state = .refusing(refusing)
            if isEnough { self.answerRefusal(isWholeRequestRead: false, &out) }
        case let other: self.state = other  // The rest of a request that has its answer: nobody wants it.
        }
    }

    /// The request has been received to its end.
    mutating func receivedAll(at now: Tick, _ out: inout ExchangeActions) {
        switch exchange(&self.state, with: .settled) {
        case .collecting(let collecting): self.admit(collecting, at: now, &out)
        case .refusing(let refusing):
            self.state = .refusing(refusing)
            self.answerRefusal(isWholeRequestRead: true, &out)
        case let other: self.state = other
        }
    }

    /// Answers before the request's end has come.
    mutating func turnAway(_ collecting: Collecting, _ fault: Fault, at now: Tick, _ out: inout ExchangeActions) {
        self.deny(fault, collecting.sender, nil, at: now, &out)
        self.state = .refusing(Refusing(refusal: Refusal(fault), deadline: collecting.deadline))
        self.answerRefusal(isWholeRequestRead: false, &out)
    }

    mutating func answerRefusal(isWholeRequestRead: Bool, _ out: inout ExchangeActions) {
        guard case .refusing(let refusing) = exchange(&self.state, with: .settled) else { return }
        self.answer(
            refusing.refusal.fault,
            headers: refusing.refusal.headers,
            isWholeRequestRead: isWholeRequestRead,
            &out
        )
        out.append(.settled)
    }

    private func accept(_ head: RequestHead, length: Int?) throws(Refusal) -> Sender {
        let errand = try Errand(head)
        guard let snapshot = self.origin.snapshot else { throw Refusal(.notReady) }
        let application: Application
        do {
            application = try self.lookup.application(of: head.fields, on: snapshot, at: self.origin.admitted)
        } catch {
            throw Refusal(error)
        }
        let sender = Sender(application: application, errand: errand, fields: head.fields)
        if let encoding = head.fields.joined("content-encoding"), encoding.lowercasedASCII != "identity" {
            throw Refusal(.compressed(encoding), sender)
        }
        guard (length ?? 0) <= self.rules.bounds.bodyMax else {
            throw Refusal(.bodyTooLarge(self.rules.bounds.bodyMax), sender)
        }
        return sender
    }
}

/// Who asked for what, once it was found out: from then on a refusal is an event, not only a counter.
struct Sender {
    let application: Application
    let errand: Errand
    let fields: Fields
}

/// What a request wants, by its method and path.
enum Errand: Hashable, Sendable {
    case chat
    case models
    case model(String)

    init(_ head: RequestHead) throws(Refusal) {
        let path = Self.path(of: head.target)
        switch path {
        case "/v1/chat/completions":
            self = .chat
            try Self.require(Self.post, of: head, at: path)
        case "/v1/models":
            self = .models
            try Self.require(Self.get, of: head, at: path)
        case _ where path.hasPrefix("/v1/models/"):
            guard let bytes = PercentDecoding.bytes(path.dropFirst("/v1/models/".count)),
                let name = String(validating: bytes, as: UTF8.self), !name.isEmpty
            else { throw Refusal(.unknownPath(path)) }
            self = .model(name)
            try Self.require(Self.get, of: head, at: path)
        default: throw Refusal(.unknownPath(path))
        }
    }

    /// Without scheme, authority and query: proxies write targets in full.
    private static func path(of target: String) -> Substring {
        var rest = target.utf8[...]
        // A target has a path or begins with a scheme: the codec lets nothing else through but `*`.
        if rest.first != UInt8(ascii: "/") {
            for scheme in ["http://", "https://"] where target.hasPrefix(scheme) {
                rest = rest.dropFirst(scheme.utf8.count).drop { $0 != UInt8(ascii: "/") }
            }
        }
        return Substring(rest.prefix { $0 != UInt8(ascii: "?") })
    }

    private static let post = ["POST"]
    /// `HEAD` is answered as `GET` is, without the body (RFC 9110, 9.3.2).
    private static let get = ["GET", "HEAD"]

    private static func require(_ methods: [String], of head: RequestHead, at path: Substring) throws(Refusal) {
        guard methods.contains(head.method) else {
            let allowed = methods.joined(separator: ", ")
            throw Refusal(.wrongMethod(head.method, at: path, allowed: allowed), headers: [.init("allow", allowed)])
        }
    }
}

/// Why a request is refused before it was admitted.
struct Refusal: Error {
    let fault: Fault
    let headers: [ErrorBody.Header]
    let sender: Sender?

    init(_ fault: Fault, _ sender: Sender? = nil, headers: [ErrorBody.Header] = []) {
        self.fault = fault
        self.headers = headers
        self.sender = sender
    }
}

extension Fault {
    fileprivate static func unknownPath(_ path: Substring) -> Fault {
        Fault(
            .invalidRequest,
            status: 404,
            "This node has no endpoint '\(path.prefix(200))'. It has POST /v1/chat/completions and GET /v1/models."
        )
    }

    fileprivate static func wrongMethod(_ method: String, at path: Substring, allowed: String) -> Fault {
        Fault(
            .invalidRequest,
            status: 405,
            "\(path.prefix(200)) does not take \(method.prefix(20)). Use \(allowed)."
        )
    }

    fileprivate static let notReady = Fault(
        .notReady,
        from: .node,
        retry: .later(afterSeconds: 5),
        "This node has no configuration yet. Its /readyz says why; come again in a few seconds."
    )

    fileprivate static func compressed(_ encoding: String) -> Fault {
        Fault(
            .unsupportedEncoding,
            parameter: "content-encoding",
            "Bodies with content-encoding '\(encoding.prefix(40))' are not read. Send the body uncompressed."
        )
    }

    fileprivate static func bodyTooLarge(_ bytes: Int) -> Fault {
        Fault(.requestTooLarge, "The body is longer than \(bytes) bytes. Send a shorter one.")
    }
}
