package import Storage

/// Opens the values of secrets that this process itself sends.
package protocol SecretOpener: Sendable {
    func open(_ value: SealedSecretValue) throws -> [UInt8]
}
