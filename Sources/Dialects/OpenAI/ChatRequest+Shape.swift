package import Domain
package import NIOCore

extension ChatRequest {
    /// The body that goes upstream, in pieces to be written in this order: the caller's bytes with the model's own
    /// name, the output cap and, on a stream, the wish for usage spliced in.
    package func shaped(for attempt: PlannedAttempt) -> [ByteBuffer] {
        var splice = Splice()
        var name = ByteBuffer()
        name.writeJSONString(attempt.model.upstream)
        splice.replace(self.places.model, with: name)
        var added = ByteBuffer()
        self.cap(attempt.outputCap, in: attempt.provider.dialect, with: &splice, added: &added)
        if self.isStream { self.askForUsage(with: &splice, added: &added) }
        // New members go before `model`, which every body has.
        splice.replace(self.places.modelMember..<self.places.modelMember, with: added)
        return splice.applied(to: self.body)
    }

    /// Writes the cap under the name that the dialect takes. Where the caller wrote caps, each that stays says the
    /// same number, so that it does not matter which of them the upstream obeys.
    private func cap(
        _ cap: Int64,
        in dialect: Provider.Dialect,
        with splice: inout Splice,
        added: inout ByteBuffer
    ) {
        var number = ByteBuffer()
        number.writeString(String(cap))
        switch (self.places.maxTokens, self.places.maxCompletionTokens) {
        case (let old?, let new?):
            let isOldNeeded = dialect == .openAICompatible || !old.isNull
            if isOldNeeded { splice.replace(old.value, with: number) }
            if !isOldNeeded || !new.isNull { splice.replace(new.value, with: number) }
        case (let old?, nil): splice.replace(old.value, with: number)
        case (nil, let new?):
            switch dialect {
            case .openAI: splice.replace(new.value, with: number)
            case .openAICompatible: splice.replace(new.member, with: Self.member(.maxTokens, cap))
            }
        case (nil, nil):
            let field: ChatField =
                switch dialect {
                case .openAI: .maxCompletionTokens
                case .openAICompatible: .maxTokens
                }
            Self.write(field, cap, into: &added)
            added.writeStaticString(",")
        }
    }

    private static func member(_ field: ChatField, _ number: Int64) -> ByteBuffer {
        var member = ByteBuffer()
        self.write(field, number, into: &member)
        return member
    }

    private static func write(_ field: ChatField, _ number: Int64, into text: inout ByteBuffer) {
        text.writeStaticString("\"")
        text.writeString(field.rawValue)
        text.writeStaticString("\":")
        text.writeString(String(number))
    }

    private func askForUsage(with splice: inout Splice, added: inout ByteBuffer) {
        guard let options = self.places.streamOptions else {
            added.writeStaticString("\"stream_options\":{\"include_usage\":true},")
            return
        }
        if options.isNull {
            splice.replace(options.value, with: ByteBuffer(staticString: "{\"include_usage\":true}"))
        } else if let includeUsage = options.includeUsage {
            splice.replace(includeUsage, with: ByteBuffer(staticString: "true"))
        } else {
            let start = options.value.lowerBound + 1
            let member: StaticString = options.isEmpty ? "\"include_usage\":true" : "\"include_usage\":true,"
            splice.replace(start..<start, with: ByteBuffer(staticString: member))
        }
    }
}
