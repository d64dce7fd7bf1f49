import Domain

extension RootChain {
    /// A manifest of this installation's history: signed, when it was published, by the release keys of one of these
    /// roots. Whether a node would still take it is not asked.
    package func archivedManifest(_ bytes: [UInt8], reference: ManifestRef) throws(SnapshotRefusal) -> Manifest {
        try SnapshotVerifier.require(bytes, reference.blob, "manifest \(reference.sequence)")
        let envelope = try Envelope.decode(bytes, expecting: .manifest)
        try self.verifyByAnyRoot(envelope, by: .release)
        try envelope.require(.manifest)
        let manifest: Manifest
        do {
            manifest = try Manifest.decode(envelope.payload)
        } catch {
            throw SnapshotRefusal(payload: error)
        }
        guard manifest.environment == self.newest.environment else {
            throw SnapshotRefusal(.signature, .wrongAudience, "it is of the environment \(manifest.environment)")
        }
        guard manifest.sequence == reference.sequence else {
            throw SnapshotRefusal(.digest, .partMismatch, "it says that it is manifest \(manifest.sequence)")
        }
        return manifest
    }

    /// The newest root first, whose refusal is the one that is told.
    private func verifyByAnyRoot(_ envelope: Envelope, by role: TrustRole) throws(SnapshotRefusal) {
        do {
            try self.verify(envelope, by: role)
        } catch {
            for bytes in self.envelopes.dropLast().reversed() {
                do {
                    return try Root.decode(Envelope.decode(bytes, expecting: .root).payload).verify(envelope, by: role)
                } catch {
                    continue  // Not by this root; an older one may have it.
                }
            }
            throw error
        }
    }
}
