/// The kinds of tokens that providers count and bill apart. They are disjoint: a token is of one kind. Their names are
/// those of their rates in a price's JSON.
package enum TokenKind: String, Hashable, Sendable, CaseIterable {
    /// Neither read from a cache nor written into one, neither audio nor image: the ordinary kind of its side.
    case input
    case cachedInput
    /// Written into a cache that keeps it for minutes, or for as long as its provider's only cache does.
    case cacheWrite
    case cacheWrite1h
    case inputAudio
    case inputImage
    /// Neither reasoning nor audio nor image: the ordinary kind of its side.
    case output
    case reasoning
    case outputAudio
    case outputImage

    package var isInput: Bool {
        switch self {
        case .input, .cachedInput, .cacheWrite, .cacheWrite1h, .inputAudio, .inputImage: true
        case .output, .reasoning, .outputAudio, .outputImage: false
        }
    }
}
