internal import NIOCore

/// What a proxy answers to `CONNECT`, as pure state: bytes in, a verdict out.
///
/// Strict, as what follows is another connection: one head of at most `bytesMax`, read as every other head, status 200
/// and nothing else. Its fields are read past; a body cannot follow (RFC 9110, 9.3.6), whatever they say.
struct TunnelReply {
    static let bytesMax = 8 * 1_024

    enum Verdict: Equatable {
        case more
        /// The tunnel stands; these bytes are the provider's own.
        case open(rest: ByteBuffer)
        case failed(ConnectFailure)
    }

    private var pending = ByteBuffer()
    private var reader = HeadReader()

    mutating func take(_ bytes: ByteBuffer) -> Verdict {
        self.pending.writeImmutableBuffer(bytes)
        do throws(HTTP1Flaw) {
            var reader = self.reader
            let isWhole = try reader.read(self.pending.readableBytesUInt8Span)
            self.reader = reader
            guard reader.position <= Self.bytesMax else { throw .headTooLarge }
            return isWhole ? try self.verdict() : .more
        } catch {
            return .failed(.proxyRefused(status: nil))
        }
    }

    private func verdict() throws(HTTP1Flaw) -> Verdict {
        let status = try StatusLine(self.pending.readableBytesUInt8Span.extracting(self.reader.startLine)).status
        switch status {
        case 200:
            var rest = self.pending
            rest.moveReaderIndex(forwardBy: self.reader.position)
            return .open(rest: rest)
        case 407: return .failed(.proxyUnauthorized)
        default: return .failed(.proxyRefused(status: status))
        }
    }
}
