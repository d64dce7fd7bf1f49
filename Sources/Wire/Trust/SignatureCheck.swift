import Domain

extension Root {
    /// Throws unless enough different keys of `role` have signed `envelope` as what it says it is. Which keys those are
    /// is found by trying: the ids in the envelope are hints. `retired` only makes the refusal more telling.
    ///
    /// At most 16 signatures by 64 keys are tried.
    func verify(
        _ envelope: Envelope,
        by role: TrustRole,
        retired: [Digest: VerifyingKey] = [:]
    ) throws(SnapshotRefusal) {
        let wanted = self.keys(of: role)
        let message = PAE.encode(type: envelope.statedType, payload: envelope.payload)
        var counted: Set<Digest> = []
        var failures: Set<SignatureFailure> = []
        for signature in envelope.signatures {
            if let id = self.signer(of: signature, over: message, among: wanted.keyIDs) {
                counted.insert(id)
            } else {
                failures.insert(self.failure(of: signature, over: message, wanted: wanted, retired: retired))
            }
        }
        guard counted.count < wanted.threshold else { return }
        throw self.refusal(counted: counted.count, failures, role: role, threshold: wanted.threshold)
    }

    private func signer(
        of signature: Envelope.Signature,
        over message: [UInt8],
        among ids: Set<Digest>
    ) -> Digest? {
        let hinted = Digest(hex: signature.keyID).flatMap { ids.contains($0) ? $0 : nil }
        let order = [hinted].compactMap(\.self) + ids.filter { $0 != hinted }
        return order.first { self.keys[$0]?.verifies(signature.bytes, over: message) == true }
    }

    private func failure(
        of signature: Envelope.Signature,
        over message: [UInt8],
        wanted: RoleKeys,
        retired: [Digest: VerifyingKey]
    ) -> SignatureFailure {
        if self.keys.values.contains(where: { $0.verifies(signature.bytes, over: message) }) { return .otherRole }
        if retired.values.contains(where: { $0.verifies(signature.bytes, over: message) }) { return .retired }
        let isHinted = Digest(hex: signature.keyID).map(wanted.keyIDs.contains) == true
        return isHinted || signature.bytes.count != VerifyingKey.signatureByteCount ? .broken : .stranger
    }

    private func refusal(
        counted: Int,
        _ failures: Set<SignatureFailure>,
        role: TrustRole,
        threshold: Int
    ) -> SnapshotRefusal {
        let need =
            "\(counted) of \(threshold) signatures of the role \(role.rawValue) that root \(self.version) asks for"
        if counted > 0 || failures.isEmpty { return SnapshotRefusal(.signature, .thresholdNotMet, "has \(need)") }
        if failures.contains(.otherRole) {
            return SnapshotRefusal(.signature, .wrongKeyUsage, "signed by a key of another role; has \(need)")
        }
        if failures.contains(.retired) {
            return SnapshotRefusal(.signature, .revokedKey, "signed by a key that a newer root took away; has \(need)")
        }
        if failures.contains(.broken) {
            return SnapshotRefusal(.signature, .badSignature, "a signature does not verify; has \(need)")
        }
        return SnapshotRefusal(.signature, .unknownKey, "signed by a key that root \(self.version) does not list")
    }
}

/// Why one signature does not count, from the most telling to the least.
private enum SignatureFailure: Hashable {
    case otherRole, retired, broken, stranger
}

extension Envelope {
    /// Asked after the signatures, so that a swapped type is told from one that was signed for another purpose.
    func require(_ type: PayloadType) throws(SnapshotRefusal) {
        guard self.statedType == type.rawValue else {
            throw SnapshotRefusal(
                .envelope,
                .unsupportedPayloadType,
                "a \(type.rawValue) was asked for, something else was signed"
            )
        }
    }
}
