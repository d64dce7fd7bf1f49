extension CodeFlow {
    /// What is given from outside.
    package struct Settings: Sendable {
        package let fetcher: any IssuerFetcher
        package let ownPorts: Set<Int>
        package let secrets: any SecretOpener
        /// Nil where nobody said it: then nobody can be sent back.
        package let address: ConsoleAddress?

        package init(
            fetcher: any IssuerFetcher,
            ownPorts: Set<Int>,
            secrets: any SecretOpener,
            address: ConsoleAddress?
        ) {
            self.fetcher = fetcher
            self.ownPorts = ownPorts
            self.secrets = secrets
            self.address = address
        }
    }
}
