internal import NIOCore

/// The key or the token that a request carries, in whichever header its vendor's SDK puts it.
enum CredentialField {
    /// The text in a field that carries one; nil for other fields and for other schemes of authorization.
    static func text(at index: Int, in fields: Fields) -> ByteBuffer? {
        if fields.isNamed("authorization", at: index) { return self.bearer(fields.bytes(at: index)) }
        guard
            fields.isNamed("x-api-key", at: index) || fields.isNamed("api-key", at: index)
                || fields.isNamed("x-goog-api-key", at: index)
        else { return nil }
        return fields.bytes(at: index)
    }

    /// Behind `Bearer`, in whatever case, and spaces.
    private static func bearer(_ value: ByteBuffer) -> ByteBuffer? {
        var rest = value
        for expected in "bearer".utf8 {
            guard let byte: UInt8 = rest.readInteger(), byte.lowercasedASCII == expected else { return nil }
        }
        guard rest.readableBytes == 0 || rest.getInteger(at: rest.readerIndex) == UInt8(ascii: " ") else { return nil }
        while rest.getInteger(at: rest.readerIndex) == UInt8(ascii: " ") { rest.moveReaderIndex(forwardBy: 1) }
        return rest
    }
}
