/// What a token says of its own signature (RFC 7515, 4.1): read, and not believed.
package struct TokenHeader: Hashable, Sendable {
    package let algorithm: TokenAlgorithm
    /// Nil if it names no key.
    package let keyID: String?

    package init(_ members: [String: JSONValue]) throws(TokenFlaw) {
        guard let algorithm = members["alg"]?.text.flatMap(TokenAlgorithm.init) else {
            let words = TokenAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw TokenFlaw("its algorithm is none of \(words)")
        }
        // Extensions that must be understood (RFC 7515, 4.1.11): none is.
        guard members["crit"] == nil else {
            throw TokenFlaw("its header asks for extensions that are not known here")
        }
        self.algorithm = algorithm
        // An empty name is none, as in `IssuerKey`.
        self.keyID = members["kid"]?.text.flatMap { $0.isEmpty ? nil : $0 }
    }
}
