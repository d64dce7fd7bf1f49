/// Bounds that hold before a message reaches anybody. At a bound the message is refused and its connection closed.
enum HTTP1Bounds {
    /// A head with its start line and line ends.
    static let headBytesMax = 32 * 1_024
    static let fieldsMax = 256
    /// The line before a chunk with its extensions.
    static let chunkLineBytesMax = 256
    /// All that a body in chunks may hold beside its chunks' data, extensions and trailers together. Only a sender
    /// that means harm wraps each byte in hundreds of others.
    static let chunkExtrasBytesMax = 16 * 1_024
    /// `103 Early Hints` and its like before one reply.
    static let interimRepliesMax = 16
}
