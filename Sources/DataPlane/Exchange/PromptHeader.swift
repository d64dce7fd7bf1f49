internal import Dialects
internal import Domain
internal import NIOCore

/// A prompt by name in the headers `martlet-prompt: support-answer;label=production` and `martlet-variables: {…}`, for
/// callers whose SDK leaves no room for it in the body.
enum PromptHeader {
    /// Nil if the request has neither header.
    static func wish(in fields: Fields, with reader: JSONReader) throws(Fault) -> PromptWish? {
        let variables = try fields.once("martlet-variables")
        guard let text = try fields.once("martlet-prompt") else {
            guard variables == nil else { throw .variablesAlone }
            return nil
        }
        guard let item = StructuredItem(text), let reference = self.reference(item.parameters) else { throw .badPrompt }
        return PromptWish(
            name: item.value,
            reference: reference,
            variables: try variables.map { (text) throws(Fault) in
                try PromptVariables.read(ByteBuffer(string: text), with: reader)
            } ?? [:]
        )
    }

    /// Nil if there is any but one version or one label.
    private static func reference(_ parameters: [String: String]) -> PromptWish.Reference? {
        guard let (name, value) = parameters.first else { return .label(PromptWish.labelUsual) }
        guard parameters.count == 1 else { return nil }
        switch name {
        case "label": return .label(value)
        case "version": return UInt32(value).map { .version($0) }
        default: return nil
        }
    }
}

extension Fields {
    fileprivate func once(_ name: FieldName) throws(Fault) -> String? {
        guard let index = self.index(of: name) else { return nil }
        guard self.count(of: name) == 1 else { throw .twice(name) }
        return self.value(at: index)
    }
}

extension Fault {
    fileprivate static let badPrompt = Fault(
        .invalidRequest,
        parameter: "martlet-prompt",
        "The header 'martlet-prompt' names no prompt. Example: support-answer;label=production, or \"2fa-help\";version=7: what begins with a digit stands in quotes."
    )
    fileprivate static let variablesAlone = Fault(
        .invalidRequest,
        parameter: "martlet-variables",
        "The header 'martlet-variables' is for the prompt that 'martlet-prompt' names, which is not sent."
    )

    fileprivate static func twice(_ name: FieldName) -> Fault {
        Fault(
            .invalidRequest,
            parameter: "\(name.text)",
            "The header '\(name.text)' occurs more than once. Send it once."
        )
    }
}
