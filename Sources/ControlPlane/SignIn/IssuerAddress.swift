import Domain

/// Where an issuer may be asked.
enum IssuerAddress {
    /// What an issuer says of its keys is believed because TLS says that it is the issuer.
    static func isSafe(_ url: BaseURL) -> Bool {
        url.isTLS || url.host == "localhost" || url.host == "::1" || url.host.hasPrefix("127.")
    }
}
