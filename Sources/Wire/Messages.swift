import SwiftProtobuf

extension SwiftProtobuf.Message {
    /// Reads a message that can be read in one way only: it is refused if it says a singular field twice, spells a
    /// number longer than needed, or writes out a default.
    ///
    /// All these make the bytes longer than what the parsed value needs, and unknown fields are kept when it is written
    /// again, so comparing two lengths finds them at every depth. *Why*: readers in other languages may take the first
    /// of two equal fields where this one takes the last.
    init(strictly bytes: [UInt8], atMost limit: Int) throws(WireError) {
        guard bytes.count <= limit else {
            throw WireError(.tooLong, "\(Self.protoMessageName) has \(bytes.count) bytes, over its \(limit)")
        }
        let length: Int
        do {
            try self.init(serializedBytes: bytes)
            let again: [UInt8] = try self.serializedBytes()
            length = again.count
        } catch BinaryDecodingError.truncated {
            throw WireError(.truncated, "\(Self.protoMessageName) ends too early")
        } catch {
            throw WireError(.malformed, "\(Self.protoMessageName) does not parse: \(error)")
        }
        guard length == bytes.count else {
            throw WireError(.malformed, "\(Self.protoMessageName) says a field twice or in a longer way than needed")
        }
    }

    /// The same bytes for the same value, in every run.
    var deterministicBytes: [UInt8] {
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        do {
            return try self.serializedBytes(options: options)
        } catch {
            preconditionFailure("a proto3 message below 2 GiB always encodes: \(error)")
        }
    }
}
