package import Domain

/// Looks through the messages of a chat completion for what is no text. Only done where money depends on it: it reads the
/// body a second time.
extension ChatRequest {
    package func content(with reader: JSONReader) -> InputContent {
        var found = ChatContent()
        do {
            try reader.read(self.body, ranges: false) { (cursor) throws(JSONProblem) in
                try cursor.members { (member) throws(JSONProblem) in try found.take(member, at: cursor) }
            }
        } catch {
            // It was read once before; if it cannot be read now, nothing is known of it.
            return .unbounded
        }
        return found.content
    }
}

private struct ChatContent {
    private var images: Int64 = 0
    private var isUnbounded = false

    var content: InputContent {
        if self.isUnbounded { return .unbounded }
        return self.images == 0 ? .text : .images(self.images)
    }

    mutating func take(_ member: JSONMember, at cursor: borrowing JSONCursor) throws(JSONProblem) {
        if member.isNamed("web_search_options") { self.isUnbounded = self.isUnbounded || !member.isNull }
        guard member.isNamed("messages") else { return }
        // A local, because a closure cannot mutate `self` in a call on the cursor.
        var found = self
        try cursor.members { (_) throws(JSONProblem) in
            try cursor.members { (field) throws(JSONProblem) in try found.takeField(field, at: cursor) }
        }
        self = found
    }

    private mutating func takeField(_ field: JSONMember, at cursor: borrowing JSONCursor) throws(JSONProblem) {
        // An answer of before by its id: what was said is not here.
        if field.isNamed("audio") { self.isUnbounded = self.isUnbounded || !field.isNull }
        guard field.isNamed("content"), field.kind == .array else { return }
        var found = self
        try cursor.members { (_) throws(JSONProblem) in
            var part = ContentPart()
            try cursor.members { (field) throws(JSONProblem) in try part.take(field, at: cursor) }
            found.add(part)
        }
        self = found
    }

    private mutating func add(_ part: ContentPart) {
        switch part.kind {
        case "text", "refusal": break
        case "image_url" where part.isInBody: self.images += 1
        default: self.isUnbounded = true
        }
    }
}

/// One part of a message's content.
private struct ContentPart {
    var kind = ""
    var isInBody = false

    mutating func take(_ field: JSONMember, at cursor: borrowing JSONCursor) throws(JSONProblem) {
        if field.isNamed("type") { self.kind = field.string ?? "" }
        guard field.isNamed("image_url") else { return }
        var isInBody = false
        try cursor.members { (member) throws(JSONProblem) in
            if member.isNamed("url") { isInBody = member.string?.utf8.starts(with: "data:".utf8) ?? false }
        }
        self.isInBody = isInBody
    }
}
