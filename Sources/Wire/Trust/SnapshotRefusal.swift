/// Why a delivery, or what lies on disk, is not taken. Both labels are stable: they reach the control plane and its
/// operator, who can act on `detail`.
package struct SnapshotRefusal: Error, Hashable, Sendable {
    package let stage: Stage
    package let code: Code
    /// At most 1 KiB; never holds a secret or the refused bytes.
    package let detail: String

    package static let detailLengthMax = 1_024

    package init(_ stage: Stage, _ code: Code, _ detail: String) {
        self.stage = stage
        self.code = code
        self.detail = String(decoding: detail.utf8.prefix(Self.detailLengthMax), as: UTF8.self)
    }

    package enum Stage: String, Hashable, Sendable, CaseIterable {
        case fetch, envelope, signature, rollback, digest, decode, compile, disk, crash
    }

    package enum Code: String, Hashable, Sendable, CaseIterable {
        case activationFailed = "activation_failed"
        case badSignature = "bad_signature"
        case crashed
        case diskTampered = "disk_tampered"
        case equivocation
        case expired
        case keySetInvalid = "key_set_invalid"
        case malformedEnvelope = "malformed_envelope"
        case notDurable = "not_durable"
        case notYetValid = "not_yet_valid"
        case oversized
        case partMismatch = "part_mismatch"
        case partMissing = "part_missing"
        case payloadInvalid = "payload_invalid"
        case revokedKey = "revoked_key"
        case rollback
        case thresholdNotMet = "threshold_not_met"
        case timeout
        case transport
        case truncated
        case unknownCritical = "unknown_critical"
        case unknownKey = "unknown_key"
        case unsupportedPayloadType = "unsupported_payload_type"
        case unsupportedVersion = "unsupported_version"
        case wrongAudience = "wrong_audience"
        case wrongKeyUsage = "wrong_key_usage"
    }

    /// An envelope that does not parse.
    init(envelope error: WireError) {
        let code: Code =
            switch error.kind {
            case .tooLong: .oversized
            case .truncated: .truncated
            case .malformed, .invalid, .newer: .malformedEnvelope
            }
        self.init(.envelope, code, error.detail)
    }

    /// A payload that is genuine and still not what it should be.
    init(payload error: WireError) {
        let code: Code =
            switch error.kind {
            case .tooLong: .oversized
            case .newer: .unsupportedVersion
            case .truncated, .malformed, .invalid: .payloadInvalid
            }
        self.init(.decode, code, error.detail)
    }
}

extension SnapshotRefusal: CustomStringConvertible {
    package var description: String { "\(self.stage.rawValue)/\(self.code.rawValue): \(self.detail)" }
}
