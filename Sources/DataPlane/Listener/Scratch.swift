internal import NIOCore

/// Memory for what is about to be written, used again and again by one event loop.
///
/// A buffer that the socket took at once is free again when it comes back; one that is still held elsewhere is
/// replaced by the buffer itself, when it is cleared. So giving back too early costs an allocation, never a byte.
final class Scratch {
    private static let sparesMax = 16
    private static let capacity = 2 * 1_024
    /// A larger one was needed for a large message; it is not kept.
    private static let capacityMax = 64 * 1_024

    private var spares: [ByteBuffer] = []

    func take() -> ByteBuffer {
        guard var buffer = self.spares.popLast() else {
            var fresh = ByteBuffer()
            fresh.reserveCapacity(Self.capacity)
            return fresh
        }
        buffer.clear()
        return buffer
    }

    func giveBack(_ buffer: consuming ByteBuffer) {
        guard self.spares.count < Self.sparesMax, buffer.capacity <= Self.capacityMax else { return }
        self.spares.append(buffer)
    }
}
