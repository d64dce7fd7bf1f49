package import NIOCore

/// One block of a server-sent event stream: everything up to and including its blank line.
///
/// The `raw` bytes of all blocks, one after the other, are the stream. A block without `data` is no event
/// (comments that keep a connection alive are sent so), but is passed on like one.
package struct StreamEvent: Hashable, Sendable {
    package let raw: ByteBuffer
    /// The values of its `data` lines joined by newlines; nil if it has none.
    package let data: ByteBuffer?
    /// The value of its last `event` line; nil means `message`.
    package let name: String?
    /// The value of its last `id` line.
    package let id: String?
    /// The value of its last `retry` line: digits only.
    package let retry: String?

    package init(raw: ByteBuffer, data: ByteBuffer? = nil, name: String? = nil, id: String? = nil, retry: String? = nil)
    {
        self.raw = raw
        self.data = data
        self.name = name
        self.id = id
        self.retry = retry
    }
}
