import Domain
import FoundationEssentials
import Schemas
import SwiftProtobuf

/// A payload with the signatures over it. Nothing in it is believed before `Root.verify`.
package struct Envelope: Hashable, Sendable {
    /// More signatures than this are refused before any is checked.
    package static let signaturesMax = 16
    private static let typeLengthMax = 128

    /// As stated by the sender; it is part of what is signed.
    package let statedType: String
    /// The exact bytes that were signed and will be read.
    package let payload: [UInt8]
    package let signatures: [Signature]

    package struct Signature: Hashable, Sendable {
        /// A hint, never trusted.
        package let keyID: String
        package let bytes: [UInt8]

        package init(keyID: String, bytes: [UInt8]) {
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    package init(statedType: String, payload: [UInt8], signatures: [Signature]) {
        self.statedType = statedType
        self.payload = payload
        self.signatures = signatures
    }

    /// Signs `payload` by each of `keys`.
    package static func signed(_ payload: [UInt8], type: PayloadType, by keys: [SigningKey]) -> Envelope {
        let message = PAE.encode(type: type.rawValue, payload: payload)
        return Envelope(
            statedType: type.rawValue,
            payload: payload,
            signatures: keys.map { Signature(keyID: $0.keyID.hex, bytes: $0.signature(over: message)) }
        )
    }

    /// Reads an envelope that is expected to hold a `type`; whether it does is checked after its signatures.
    ///
    /// The envelope itself is not signed, so nothing in it that is not read is let through: unknown fields and
    /// anything after it are refused.
    package static func decode(_ bytes: [UInt8], expecting type: PayloadType) throws(SnapshotRefusal) -> Envelope {
        do {
            return try Self.read(bytes, type)
        } catch {
            throw SnapshotRefusal(envelope: error)
        }
    }

    private static func read(_ bytes: [UInt8], _ type: PayloadType) throws(WireError) -> Envelope {
        guard !bytes.isEmpty else { throw WireError(.malformed, "the envelope is empty") }
        let message = try PBEnvelope(strictly: bytes, atMost: type.envelopeSizeMax)
        let hasUnknown = message.signatures.contains { !$0.unknownFields.data.isEmpty }
        guard message.unknownFields.data.isEmpty, !hasUnknown else {
            throw WireError(.malformed, "the envelope holds fields that are not its own")
        }
        try Check.count(message.signatures.count, atMost: Self.signaturesMax, "signatures")
        guard !message.payload.isEmpty else { throw WireError(.malformed, "the envelope has no payload") }
        guard message.payload.count <= type.sizeMax else {
            throw WireError(.tooLong, "the payload has \(message.payload.count) bytes, over \(type.sizeMax)")
        }
        return Envelope(
            statedType: try Check.nonEmptyText(message.payloadType, atMost: Self.typeLengthMax, "payload_type"),
            payload: Array(message.payload),
            signatures: message.signatures.map { Signature(keyID: $0.keyID, bytes: Array($0.signature)) }
        )
    }

    package func encoded() -> [UInt8] {
        var message = PBEnvelope()
        message.payloadType = self.statedType
        message.payload = Data(self.payload)
        message.signatures = self.signatures.map { signature in
            var entry = PBSignature()
            entry.keyID = signature.keyID
            entry.signature = Data(signature.bytes)
            return entry
        }
        return message.deterministicBytes
    }
}
