/// DSSE's pre-authentication encoding: what is signed instead of a bare payload, so that a signature made for one
/// purpose is worth nothing for another.
package enum PAE {
    /// `"DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload`, lengths in ASCII decimal, counting bytes.
    package static func encode(type: [UInt8], payload: [UInt8]) -> [UInt8] {
        var bytes = Array("DSSEv1 \(type.count) ".utf8)
        bytes.reserveCapacity(bytes.count + type.count + payload.count + 24)
        bytes += type
        bytes += " \(payload.count) ".utf8
        bytes += payload
        return bytes
    }

    package static func encode(type: String, payload: [UInt8]) -> [UInt8] {
        self.encode(type: Array(type.utf8), payload: payload)
    }
}

/// What a signed payload is.
package enum PayloadType: String, Hashable, Sendable, CaseIterable {
    case root = "application/vnd.martlet.root.v1"
    case head = "application/vnd.martlet.head.v1"
    case manifest = "application/vnd.martlet.manifest.v1"
    case call = "application/vnd.martlet.call.v1"

    /// Bytes of payload at most.
    package var sizeMax: Int {
        switch self {
        case .root: 64 << 10
        case .head: 1 << 10
        case .manifest: 256 << 10
        case .call: 16 << 10
        }
    }

    /// Bytes of an envelope at most: the payload and sixteen signatures.
    package var envelopeSizeMax: Int { self.sizeMax + 4_096 }
}
