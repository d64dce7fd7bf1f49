package import Domain
package import NIOCore

/// A provider's refusal or failure, read into the fault that the retry loop and the caller see.
package struct UpstreamError: Hashable, Sendable {
    package let fault: Fault
    /// What the provider says about coming again, in seconds, within our bound.
    package let retryAfterSeconds: Int?
    /// A proxy before the model gave up waiting (504, and 524 as Cloudflare says it): the model may work on, and its
    /// provider may bill it. The next model is tried all the same, as on every 5xx before the first byte; only the
    /// count is in doubt. A server that says 408 never got the request whole, so it has nothing to bill.
    package let mayBeBilled: Bool

    /// Reads a reply whose `status` is not a 2xx, with its `retry-after` and `date` headers, if any, and its body or as
    /// much of it as was read. Any bytes will do.
    package init(
        status: Int,
        retryAfter: String?,
        date: String? = nil,
        body: ByteBuffer,
        with reader: JSONReader
    ) {
        // A body that is not an error object tells nothing; the status speaks for itself.
        let told: Told
        do { told = try Told(body, with: reader) } catch { told = Told() }
        self.fault = told.fault(status: status)
        self.mayBeBilled = [504, 524].contains(status)
        self.retryAfterSeconds = retryAfter.flatMap { RetryAfter.seconds($0, since: date) }
            .map { min(max($0, 1), ErrorBody.retryAfterMax) }
    }

    /// What the `error` of a body or event says.
    struct Told: Hashable, Sendable {
        private static let messageLengthMax = 2_048
        private static let parameterLengthMax = 256

        private(set) var message: String?
        private(set) var code: String?
        /// llama.cpp says here what OpenAI says in `code`; its `code` is the status again.
        private(set) var type: String?
        private(set) var parameter: String?

        init() {}

        /// Reads the member named `error`: an object, as OpenAI has it, or a bare string, as some servers do.
        init(_ member: JSONMember, at cursor: borrowing JSONCursor) throws(JSONProblem) {
            var told = Self()
            told.message = member.string.map { Self.bounded($0, to: Self.messageLengthMax) }
            try cursor.members { (part) throws(JSONProblem) in told.take(part) }
            self = told
        }

        fileprivate init(_ body: ByteBuffer, with reader: JSONReader) throws(JSONProblem) {
            self = try reader.read(body) { (cursor) throws(JSONProblem) -> Self in
                var told = Self()
                try cursor.members { (member) throws(JSONProblem) in
                    if member.isNamed("error") {
                        told = try Self(member, at: cursor)
                    } else if told.message == nil, member.isNamed("message") || member.isNamed("detail") {
                        told.message = member.string.map { Self.bounded($0, to: Self.messageLengthMax) }
                    }
                }
                return told
            }
        }

        private mutating func take(_ part: JSONMember) {
            if part.isNamed("message") {
                self.message = part.string.map { Self.bounded($0, to: Self.messageLengthMax) }
            } else if part.isNamed("code") {
                self.code = part.string
            } else if part.isNamed("type") {
                self.type = part.string
            } else if part.isNamed("param") {
                self.parameter = part.string.map { Self.bounded($0, to: Self.parameterLengthMax) }
            }
        }

        private static func bounded(_ text: String, to length: Int) -> String {
            text.utf8.count <= length ? text : String(decoding: text.utf8.prefix(length), as: UTF8.self) + "…"
        }

        /// The error came inside an answer that had begun well.
        var inAnswer: Fault {
            Fault(
                .upstreamError,
                from: .upstream,
                retry: .onAnotherModel,
                self.message.map { "The provider failed during its answer: \($0)" }
                    ?? "The provider failed during its answer."
            )
        }

        fileprivate func fault(status: Int) -> Fault {
            switch status {
            case 400, 404, 409, 413, 415, 422: self.passedOn(status)
            case 429:
                Fault(
                    .upstreamRateLimited,
                    from: .upstream,
                    retry: .onAnotherModel,
                    self.sentence("The provider limits our rate")
                )
            case 401, 403:
                // Providers quote the key in this message, so it stays here.
                self.failed("The provider refused the gateway's credential (status \(status)).")
            case 408, 504, 524:
                Fault(
                    .upstreamTimeout,
                    from: .upstream,
                    retry: .onAnotherModel,
                    self.sentence("The provider timed out")
                )
            case 529:
                Fault(.overloaded, from: .upstream, retry: .onAnotherModel, self.sentence("The provider is overloaded"))
            default: self.failed(self.sentence("The provider answered with status \(status)"))
            }
        }

        /// The caller's own body is at fault, so it sees the status and message as they are. A conflict (409) may be
        /// the provider's passing state, and what was not found (404) is a path and a model's name that we wrote: these
        /// two are tried elsewhere first.
        private func passedOn(_ status: Int) -> Fault {
            let code: Fault.Code =
                switch status {
                case 404: .modelNotFound
                case 413: .requestTooLarge
                case 415: .unsupportedEncoding
                default: self.isContextExceeded ? .contextLengthExceeded : .invalidRequest
                }
            return Fault(
                code,
                status: status,
                from: .upstream,
                retry: [404, 409].contains(status) ? .onAnotherModel : .never,
                parameter: self.parameter,
                self.message ?? "The provider refused the request with status \(status)."
            )
        }

        private var isContextExceeded: Bool {
            self.code == Fault.Code.contextLengthExceeded.rawValue || self.type == "exceed_context_size_error"
        }

        private func failed(_ message: String) -> Fault {
            Fault(.upstreamError, from: .upstream, retry: .onAnotherModel, message)
        }

        private func sentence(_ start: String) -> String { self.message.map { "\(start): \($0)" } ?? "\(start)." }
    }
}
