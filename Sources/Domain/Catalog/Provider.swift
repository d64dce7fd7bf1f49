/// A vendor endpoint: where it is, which dialect it speaks and with which credential.
package struct Provider: Nameable, Hashable, Sendable {
    package let name: Name<Provider>
    package let dialect: Dialect
    package let baseURL: BaseURL
    package let region: String
    /// Where the data may come to rest: `EU`, `US`, `LOCAL` …
    package let jurisdictions: [String]
    package let credential: Credential

    package init(
        name: Name<Provider>,
        dialect: Dialect,
        baseURL: BaseURL,
        region: String,
        jurisdictions: [String],
        credential: Credential
    ) {
        self.name = name
        self.dialect = dialect
        self.baseURL = baseURL
        self.region = region
        self.jurisdictions = jurisdictions
        self.credential = credential
    }

    /// The closed set of dialects that this build can speak upstream; a new one breaks every switch.
    package enum Dialect: String, Hashable, Sendable, CaseIterable {
        case openAI = "openai"
        case openAICompatible = "openai-compatible"
    }

    /// Where the key to the vendor comes from. Never the key itself.
    package enum Credential: Hashable, Sendable {
        case none
        /// A secret of the control plane, sealed to each node.
        case secret(Name<Secret>)
        /// An environment variable of the node, if it was started with `--provider-env NAME`.
        case environment(String)
        /// A file on the node, if it was started with `--provider-file PATH`.
        case file(String)
    }
}

/// A provider credential kept by the control plane; only its name and hosts are ever shown.
package enum Secret: Nameable {}
