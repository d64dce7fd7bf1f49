/// Where an issuer's keys, and what else it says, come from. They are kept by that, and never only by what it is
/// called: an issuer that was corrected is asked at once.
struct IssuerSource: Hashable {
    /// As the database spells it.
    let text: String
}

extension IssuerContent {
    var source: IssuerSource {
        IssuerSource(text: self.keysURL.map { "\(self.identifier) \($0)" } ?? self.identifier)
    }
}
