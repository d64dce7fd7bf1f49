extension StringProtocol {
    /// With a capital letter first, as titles and the names of schemas have.
    var withCapital: String { self.prefix(1).uppercased() + self.dropFirst() }
}
