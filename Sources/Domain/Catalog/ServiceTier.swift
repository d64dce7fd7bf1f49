/// How soon a provider promises to answer, where it sells several speeds at several rates.
package enum ServiceTier: String, Hashable, Sendable, CaseIterable {
    case standard
    case batch
    case flex
    case priority
}
