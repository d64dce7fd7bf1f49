/// How often issuers are asked, and how long what they said is good.
enum IssuerPace {
    static let freshMilliseconds: Int64 = 15 * 60_000
    static let staleMilliseconds: Int64 = 24 * 3_600_000
    static let pauseMilliseconds: Int64 = 10_000
    /// Whoever comes when so many wait already is told to come again: the issuer is slow, and more would not help.
    static let waitingMax = 256
    /// Sources that are remembered; an installation has few issuers, and each change of one leaves a source behind.
    static let sourcesMax = 256
}
