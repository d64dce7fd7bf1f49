package import Domain
package import NIOCore

/// The body of a `POST /v1/chat/completions`, with what the gateway reads of it.
///
/// The body is kept as it came. What goes upstream is the same bytes but for the fields that the gateway owns.
package struct ChatRequest: Sendable {
    package let body: ByteBuffer
    /// The route or model that the caller asks for, as it wrote it.
    package let wanted: String
    package let isStream: Bool
    /// The smaller of the caller's caps on output tokens, if it set one.
    package let outputCap: Int64?
    /// How many answers it asks for (`n`).
    package let choices: Int64
    /// Whether the caller asked for usage at the end of its stream.
    package let asksForUsage: Bool
    /// Empty if it names none.
    package let user: String
    package let metadata: [String: String]

    /// The prompt by name that is to stand before its messages; nil if it names none, or one of the provider's own.
    package var wish: PromptWish? { self.named?.wish }

    let named: ChatPrompt?
    private(set) var prompt: PromptText?
    let places: Places

    /// Where in the body the fields stand that may be edited, in bytes from its first.
    struct Places: Sendable {
        /// Where the member `model` begins.
        var modelMember = 0
        var model = 0..<0
        var maxTokens: Cap?
        var maxCompletionTokens: Cap?
        var streamOptions: Options?
        var messages: Range<Int>?
        var areMessagesNull = false
        var messagesCount = 0
    }

    struct Cap: Sendable {
        let member: Range<Int>
        let value: Range<Int>
        let isNull: Bool
    }

    struct Options: Sendable {
        let value: Range<Int>
        let isNull: Bool
        let isEmpty: Bool
        var includeUsage: Range<Int>?
    }

    /// Refuses a body that is not JSON, not an object, or not unambiguous in what the gateway reads. `isPrompted`: a
    /// prompt is named beside the body, so that it need not have messages, and may not name another.
    package init(_ body: ByteBuffer, isPrompted: Bool = false, with reader: JSONReader) throws(Fault) {
        let found: ChatFindings
        do {
            found = try reader.read(body, ranges: true) { (cursor) throws(JSONProblem) in
                try ChatFindings(at: cursor)
            }
        } catch {
            throw .inRequest(error)
        }
        guard let wanted = found.model else { throw .missing(.model, "the route or model to ask") }
        guard !found.namesPrompt || !isPrompted else { throw .twoPrompts }
        guard found.hasMessages || found.prompt != nil || isPrompted else {
            throw .missing(.messages, "the conversation so far")
        }
        if let field = found.state { throw .unsupportedState(field) }
        self.body = body
        self.wanted = wanted
        self.isStream = found.isStream
        self.outputCap = found.outputCap
        self.choices = found.choices
        self.asksForUsage = found.asksForUsage
        self.user = found.user
        self.metadata = found.metadata
        self.places = found.places
        self.named = found.prompt
        self.prompt = nil
    }

    /// The same with a prompt's text to be put in.
    init(_ request: ChatRequest, with prompt: PromptText) {
        self = request
        self.prompt = prompt
    }

    /// What goes upstream has about as many: what the gateway writes of its own is short.
    package var byteCount: Int { self.body.readableBytes + (self.prompt?.byteCount ?? 0) }

    package func facts(admitted: Timestamp) -> Facts {
        Facts(wanted: self.wanted, isStream: self.isStream, outputCap: self.outputCap, admitted: admitted)
    }
}

extension Fault {
    fileprivate static func missing(_ field: ChatField, _ meaning: String) -> Fault {
        Fault(
            .invalidRequest,
            parameter: field.rawValue,
            "The body has no '\(field.rawValue)'. Send \(meaning) in it."
        )
    }

    fileprivate static let twoPrompts = Fault(
        .invalidRequest,
        parameter: ChatField.prompt.rawValue,
        "The body names a prompt, and so does the header 'martlet-prompt'. Send one of them."
    )

    fileprivate static func unsupportedState(_ field: ChatField) -> Fault {
        Fault(
            .unsupportedState,
            parameter: field.path,
            "'\(field.path)' needs state at one provider, which chat completions do not keep. Send the whole conversation in 'messages'."
        )
    }

    /// What the caller sent is not JSON, or not unambiguous. `subject` is what it is called in a sentence.
    static func inRequest(_ problem: JSONProblem, subject: String = "The body", parameter: String? = nil) -> Fault {
        switch problem {
        case .tooLarge:
            Fault(.requestTooLarge, parameter: parameter, "\(subject) \(problem.reason). Send a shorter one.")
        case .noMemory:
            Fault(.overloaded, from: .node, retry: .later(afterSeconds: 1), "\(subject) \(problem.reason).")
        case .field(let name, let fault):
            Fault(.invalidRequest, parameter: parameter ?? name, "The field '\(name)' \(fault).")
        case .empty, .notUTF8, .tooDeep, .badNumber, .badString, .badSyntax:
            Fault(.invalidRequest, parameter: parameter, "\(subject) \(problem.reason). Send one JSON object in UTF-8.")
        case .notObject:
            Fault(.invalidRequest, parameter: parameter, "\(subject) \(problem.reason). Send one JSON object.")
        }
    }
}
