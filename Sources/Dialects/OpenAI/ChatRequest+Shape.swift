package import Domain
package import NIOCore

extension ChatRequest {
    /// The body that goes upstream, in pieces to be written in this order: the caller's bytes with the model's own
    /// name, the output cap, a prompt's text and, on a stream, the wish for usage spliced in.
    package func shaped(for attempt: PlannedAttempt) -> [ByteBuffer] {
        var splice = Splice()
        if let prompt = self.prompt { self.insert(prompt, with: &splice) }
        splice.replace(self.places.model) { $0.writeJSONString(attempt.model.upstream) }
        self.cap(attempt.outputCap, in: attempt.provider.dialect, with: &splice)
        if self.isStream { self.askForUsage(with: &splice) }
        return splice.applied(to: self.body)
    }

    /// New members go before `model`, which every body has.
    var newMembers: Range<Int> { self.places.modelMember..<self.places.modelMember }

    /// Writes the cap under the name that the dialect takes. Where the caller wrote caps, each that stays says the
    /// same number, so that it does not matter which of them the upstream obeys.
    private func cap(_ cap: Int64, in dialect: Provider.Dialect, with splice: inout Splice) {
        let number = String(cap)
        switch (self.places.maxTokens, self.places.maxCompletionTokens) {
        case (let old?, let new?):
            let isOldNeeded = dialect == .openAICompatible || !old.isNull
            if isOldNeeded { splice.replace(old.value) { $0.writeString(number) } }
            if !isOldNeeded || !new.isNull { splice.replace(new.value) { $0.writeString(number) } }
        case (let old?, nil): splice.replace(old.value) { $0.writeString(number) }
        case (nil, let new?):
            switch dialect {
            case .openAI: splice.replace(new.value) { $0.writeString(number) }
            case .openAICompatible: splice.replace(new.member) { Self.write(.maxTokens, number, into: &$0) }
            }
        case (nil, nil):
            let field: ChatField =
                switch dialect {
                case .openAI: .maxCompletionTokens
                case .openAICompatible: .maxTokens
                }
            splice.replace(self.newMembers) {
                Self.write(field, number, into: &$0)
                $0.writeStaticString(",")
            }
        }
    }

    private static func write(_ field: ChatField, _ number: String, into text: inout ByteBuffer) {
        text.writeStaticString("\"")
        text.writeString(field.rawValue)
        text.writeStaticString("\":")
        text.writeString(number)
    }

    private func askForUsage(with splice: inout Splice) {
        guard let options = self.places.streamOptions else {
            splice.replace(self.newMembers) { $0.writeStaticString("\"stream_options\":{\"include_usage\":true},") }
            return
        }
        if options.isNull {
            splice.replace(options.value) { $0.writeStaticString("{\"include_usage\":true}") }
        } else if let includeUsage = options.includeUsage {
            splice.replace(includeUsage) { $0.writeStaticString("true") }
        } else {
            let start = options.value.lowerBound + 1
            splice.replace(start..<start) {
                $0.writeStaticString(options.isEmpty ? "\"include_usage\":true" : "\"include_usage\":true,")
            }
        }
    }
}
