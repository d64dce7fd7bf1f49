/// What the gateway owns or reads at the top of a chat completion's body.
enum ChatField: String, OwnedField {
    case model
    case messages
    case stream
    case streamOptions = "stream_options"
    case maxTokens = "max_tokens"
    case maxCompletionTokens = "max_completion_tokens"
    case maxOutputTokens = "max_output_tokens"
    case maxNewTokens = "max_new_tokens"
    case nPredict = "n_predict"
    case numPredict = "num_predict"
    case n
    /// llama.cpp's other name for `n`, which it obeys.
    case nCmpl = "n_cmpl"
    case serviceTier = "service_tier"
    case metadata
    case user
    case prompt
    case store
    case previousResponseID = "previous_response_id"
    case conversation
    case background

    static let names = JSONNames(Self.allCases.map(\.rawValue))

    var kinds: [JSONKind] {
        switch self {
        case .model, .serviceTier, .user, .previousResponseID: [.string]
        case .messages: [.array]
        case .stream, .store, .background: [.bool]
        case .streamOptions, .metadata, .prompt: [.object]
        case .maxTokens, .maxCompletionTokens, .n, .nCmpl: [.number]
        case .maxOutputTokens, .maxNewTokens, .nPredict, .numPredict: [.number]
        case .conversation: [.string, .object]
        }
    }
}

enum StreamOption: String, OwnedField {
    case includeUsage = "include_usage"

    static let names = JSONNames(Self.allCases.map(\.rawValue))
    static let prefix = "stream_options."

    var kinds: [JSONKind] { [.bool] }
}

enum PromptField: String, OwnedField {
    case id
    case version
    case label
    case variables

    static let names = JSONNames(Self.allCases.map(\.rawValue))
    static let prefix = "prompt."

    var kinds: [JSONKind] {
        switch self {
        case .id, .label: [.string]
        case .version: [.string, .number]
        case .variables: [.object]
        }
    }
}
