package import Domain
internal import NIOCore

/// What a chat completion says of a prompt by name, and where. A class, so that a request without one carries a pointer.
final class ChatPrompt: Sendable {
    let wish: PromptWish
    /// The whole member.
    let member: Range<Int>

    private init(_ wish: PromptWish, member: Range<Int>) {
        self.wish = wish
        self.member = member
    }

    /// Nil for a prompt of the provider's own, which it keeps and we pass on.
    static func read(
        _ member: JSONMember,
        at cursor: borrowing JSONCursor
    ) throws(JSONProblem) -> ChatPrompt? {
        var id: String?
        var version: UInt32?
        var label: String?
        var variables: [String: JSONValue] = [:]
        var known = 0
        try PromptField.read(at: cursor) { (field, member) throws(JSONProblem) in
            known += 1
            guard !member.isNull else { return }
            switch field {
            case .id: id = member.string
            case .version: version = try Self.version(member)
            case .label: label = member.string
            case .variables: variables = try PromptVariables.read(at: cursor)
            }
        }
        guard let id else { throw PromptField.id.problem("is missing; name the prompt in it") }
        if id.hasPrefix("pmpt_") { return nil }
        // A misspelt label would mean the usual one, and nobody would notice.
        guard member.count == known else {
            throw ChatField.prompt.problem("takes 'id', 'version' or 'label', and 'variables', and nothing else")
        }
        guard version == nil || label == nil else {
            throw PromptField.version.problem("stands beside 'prompt.label'; send one of them")
        }
        let wish = PromptWish(
            name: id,
            reference: version.map { .version($0) } ?? .label(label ?? PromptWish.labelUsual),
            variables: variables
        )
        return ChatPrompt(wish, member: member.range)
    }

    /// `"7"`, as OpenAI writes its own prompts' versions, or 7.
    private static func version(_ member: JSONMember) throws(JSONProblem) -> UInt32 {
        let number = member.string.flatMap(UInt32.init) ?? member.integer.flatMap(UInt32.init(exactly:))
        guard let number else { throw PromptField.version.problem("is not a version's number") }
        return number
    }
}

/// A rendered prompt as JSON, ready to be put into the body that asked for it.
final class PromptText: Sendable {
    /// Messages with commas between them, none around them.
    let messages: ByteBuffer
    /// Members with a comma behind each.
    let parameters: ByteBuffer

    /// `isSet` are the parameters that the caller's own body has.
    init(_ prompt: RenderedPrompt, besides isSet: Set<PromptVersion.Parameter>) {
        var messages = ByteBuffer()
        for (index, message) in prompt.messages.enumerated() {
            if index > 0 { messages.writeStaticString(",") }
            messages.writeStaticString("{\"role\":")
            messages.writeJSONString(message.role.rawValue)
            messages.writeStaticString(",\"content\":")
            messages.writeJSONString(message.content)
            messages.writeStaticString("}")
        }
        var parameters = ByteBuffer()
        for (parameter, value) in prompt.parameters.sorted(by: { $0.key.rawValue < $1.key.rawValue })
        where !isSet.contains(parameter) {
            parameters.writeJSONString(parameter.rawValue)
            parameters.writeStaticString(":")
            parameters.writeJSON(value)
            parameters.writeStaticString(",")
        }
        self.messages = messages
        self.parameters = parameters
    }

    var byteCount: Int { self.messages.readableBytes + self.parameters.readableBytes }
}

extension ChatRequest {
    /// The same request with a prompt's messages before its own. Refuses a second system message where the prompt has one
    /// and does not let it stand.
    package func prompted(_ prompt: RenderedPrompt, with reader: JSONReader) throws(Fault) -> ChatRequest {
        let surroundings: PromptSurroundings
        do {
            surroundings = try reader.read(self.body, ranges: true) { (cursor) throws(JSONProblem) in
                try PromptSurroundings(at: cursor)
            }
        } catch {
            throw .inRequest(error)
        }
        guard !surroundings.hasSystem || !prompt.hasSystem || prompt.allowsSystem else {
            throw .secondSystem(prompt.choice)
        }
        return ChatRequest(self, with: PromptText(prompt, besides: surroundings.parameters))
    }

    func insert(_ text: PromptText, with splice: inout Splice) {
        if let member = self.named?.member { splice.replace(self.withComma(member)) { _ in } }
        if let messages = self.places.messages, !self.places.areMessagesNull {
            let start = messages.lowerBound + 1
            splice.replace(start..<start) {
                $0.writeImmutableBuffer(text.messages)
                if self.places.messagesCount > 0 { $0.writeStaticString(",") }
            }
        } else {
            let isThere = self.places.messages != nil
            splice.replace(self.places.messages ?? self.newMembers) {
                if !isThere { $0.writeStaticString("\"messages\":") }
                $0.writeStaticString("[")
                $0.writeImmutableBuffer(text.messages)
                $0.writeStaticString(isThere ? "]" : "],")
            }
        }
        splice.replace(self.newMembers) { $0.writeImmutableBuffer(text.parameters) }
    }

    /// A member with the comma behind it, or, if it is the last, with the one before it. It is never the only one: a body
    /// has a `model`.
    private func withComma(_ member: Range<Int>) -> Range<Int> {
        let bytes = self.body.readableBytesUInt8Span
        var end = member.upperBound
        while end < bytes.count, bytes[end] != UInt8(ascii: ","), bytes[end] != UInt8(ascii: "}") { end += 1 }
        if end < bytes.count, bytes[end] == UInt8(ascii: ",") { return member.lowerBound..<(end + 1) }
        var start = member.lowerBound
        while start > 0, bytes[start] != UInt8(ascii: ",") { start -= 1 }
        return start..<member.upperBound
    }
}

/// What stands in a body beside the wish for a prompt, as far as the prompt must know.
private struct PromptSurroundings: Sendable {
    private(set) var hasSystem = false
    private(set) var parameters: Set<PromptVersion.Parameter> = []

    private static let names = JSONNames(
        [ChatField.messages.rawValue] + PromptVersion.Parameter.allCases.map(\.rawValue)
    )

    init(at cursor: borrowing JSONCursor) throws(JSONProblem) {
        var found = Self()
        try cursor.members(Self.names) { (member) throws(JSONProblem) in
            switch member.spelling {
            case .plain(0): try found.readMessages(at: cursor)
            case .plain(let index), .escaped(let index), .otherCase(let index):
                if index > 0 { found.parameters.insert(PromptVersion.Parameter.allCases[index - 1]) }
            case .unlisted: break
            }
        }
        self = found
    }

    private init() {}

    private mutating func readMessages(at cursor: borrowing JSONCursor) throws(JSONProblem) {
        guard cursor.enter() else { return }
        while try cursor.next() != nil {
            var role: String?
            try MessageField.read(at: cursor) { (_, member) throws(JSONProblem) in role = member.string }
            // A list of what is harmless: servers differ in what they take for a system's, some pass any word on as it is.
            if !["user", "assistant", "tool", "function"].contains(role) { self.hasSystem = true }
        }
        cursor.leave()
    }
}

/// What the gateway reads of a message where a prompt stands before it.
private enum MessageField: String, OwnedField {
    case role

    static let names = JSONNames(Self.allCases.map(\.rawValue))
    static let prefix = "messages[]."

    var kinds: [JSONKind] { [.string] }
}

extension ByteBuffer {
    fileprivate mutating func writeJSON(_ value: JSONValue) {
        switch value {
        case .null: self.writeStaticString("null")
        case .bool(let truth): self.writeStaticString(truth ? "true" : "false")
        case .number(let digits): self.writeString(digits)
        case .text(let text): self.writeJSONString(text)
        case .list(let elements):
            self.writeStaticString("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { self.writeStaticString(",") }
                self.writeJSON(element)
            }
            self.writeStaticString("]")
        case .object(let members):
            self.writeStaticString("{")
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { self.writeStaticString(",") }
                self.writeJSONString(member.key)
                self.writeStaticString(":")
                self.writeJSON(member.value)
            }
            self.writeStaticString("}")
        }
    }
}

extension Fault {
    fileprivate static func secondSystem(_ choice: PromptChoice) -> Fault {
        Fault(
            .invalidRequest,
            parameter: "messages",
            "The prompt '\(choice.prompt)' has a system message already. Send none, or ask its owner for 'allowSystem'."
        )
    }
}
