/// What one walk over a chat completion's top level found.
struct ChatFindings: Sendable {
    /// Answers asked for at once; what the vendors themselves allow.
    private static let choicesMax: Int64 = 128
    private static let userLengthMax = 1_024
    /// Pairs of task metadata, and bytes of all their names and values.
    private static let metadataCountMax = 16
    private static let metadataLengthMax = 1_024

    private(set) var model: String?
    private(set) var hasMessages = false
    private(set) var isStream = false
    private(set) var outputCap: Int64?
    private(set) var choices: Int64 = 1
    private(set) var asksForUsage = false
    private(set) var user = ""
    private(set) var metadata: [String: String] = [:]
    /// A field that asks a provider to remember, which chat completions do not offer.
    private(set) var state: ChatField?
    /// A prompt by name that is not the provider's own.
    private(set) var prompt: ChatPrompt?
    /// Whether it names a prompt at all.
    private(set) var namesPrompt = false
    private(set) var places = ChatRequest.Places()

    init(at cursor: borrowing JSONCursor) throws(JSONProblem) {
        guard cursor.root == .object else { throw .notObject }
        // A local, because a closure cannot mutate `self` while it is being made.
        var found = Self()
        try ChatField.read(at: cursor) { (field, member) throws(JSONProblem) in
            try found.take(field, member, at: cursor)
        }
        self = found
    }

    private init() {}

    private mutating func take(
        _ field: ChatField,
        _ member: JSONMember,
        at cursor: borrowing JSONCursor
    ) throws(JSONProblem) {
        switch field {
        case .model:
            self.model = member.string
            self.places.model = member.value
            self.places.modelMember = member.range.lowerBound
        case .messages:
            self.hasMessages = !member.isNull
            self.places.messages = member.value
            self.places.areMessagesNull = member.isNull
            self.places.messagesCount = member.count
        case .stream: self.isStream = member.isTrue
        case .streamOptions: try self.takeStreamOptions(member, at: cursor)
        case .maxTokens: self.places.maxTokens = try self.takeCap(field, member)
        case .maxCompletionTokens: self.places.maxCompletionTokens = try self.takeCap(field, member)
        case .maxOutputTokens, .maxNewTokens, .nPredict, .numPredict:
            try self.refuse(field, member, "cap the output with 'max_tokens' or 'max_completion_tokens'")
        case .nCmpl: try self.refuse(field, member, "ask for several answers with 'n'")
        case .n: self.choices = try self.count(field, member, upTo: Self.choicesMax) ?? 1
        case .user: self.user = try self.takeUser(member)
        case .metadata: try self.takeMetadata(cursor)
        case .prompt: try self.takePrompt(member, at: cursor)
        case .previousResponseID, .conversation: if !member.isNull { self.state = field }
        case .background: if member.isTrue { self.state = field }
        case .serviceTier, .store: break  // Unambiguous, and passed on as they are.
        }
    }

    private mutating func takePrompt(_ member: JSONMember, at cursor: borrowing JSONCursor) throws(JSONProblem) {
        guard !member.isNull else { return }
        self.namesPrompt = true
        self.prompt = try ChatPrompt.read(member, at: cursor)
    }

    private mutating func takeCap(_ field: ChatField, _ member: JSONMember) throws(JSONProblem) -> ChatRequest.Cap {
        if let cap = try self.count(field, member, upTo: .max) { self.outputCap = min(cap, self.outputCap ?? .max) }
        return ChatRequest.Cap(member: member.range, value: member.value, isNull: member.isNull)
    }

    /// Of another dialect, but some server obeys it over the dialect's own field, which the gateway reads.
    private func refuse(_ field: ChatField, _ member: JSONMember, _ instead: String) throws(JSONProblem) {
        guard !member.isNull else { return }
        throw field.problem("is not part of chat completions; \(instead)")
    }

    /// A whole number from 1 to `max`, or nil for null.
    private func count(_ field: ChatField, _ member: JSONMember, upTo max: Int64) throws(JSONProblem) -> Int64? {
        guard !member.isNull else { return nil }
        guard let count = member.integer else { throw field.wrongKind }
        guard (1...max).contains(count) else {
            throw field.problem(max == .max ? "is below 1" : "is not between 1 and \(max)")
        }
        return count
    }

    private mutating func takeStreamOptions(
        _ member: JSONMember,
        at cursor: borrowing JSONCursor
    ) throws(JSONProblem) {
        var options = ChatRequest.Options(value: member.value, isNull: member.isNull, isEmpty: member.count == 0)
        var asks = false
        try StreamOption.read(at: cursor) { (_, option) throws(JSONProblem) in
            options.includeUsage = option.value
            asks = option.isTrue
        }
        self.asksForUsage = asks
        self.places.streamOptions = options
    }

    private func takeUser(_ member: JSONMember) throws(JSONProblem) -> String {
        guard member.stringLength <= Self.userLengthMax else {
            throw ChatField.user.problem("is longer than \(Self.userLengthMax) bytes")
        }
        return member.string ?? ""
    }

    private mutating func takeMetadata(_ cursor: borrowing JSONCursor) throws(JSONProblem) {
        var pairs: [String: String] = [:]
        var length = 0
        try cursor.members { (pair) throws(JSONProblem) in
            let name = pair.name
            length += name.utf8.count + pair.stringLength
            guard length <= Self.metadataLengthMax, pairs.count < Self.metadataCountMax else {
                throw ChatField.metadata.problem(
                    "holds more than \(Self.metadataCountMax) pairs or \(Self.metadataLengthMax) bytes"
                )
            }
            guard let value = pair.string else {
                throw ChatField.metadata.problem("holds a value that is not a string")
            }
            guard pairs.updateValue(value, forKey: name) == nil else {
                throw ChatField.metadata.problem("holds the same name twice")
            }
        }
        self.metadata = pairs
    }
}
