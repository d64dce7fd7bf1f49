// What somebody else wrote is compared as it came, and shown only as far as it shows.

extension String {
    /// Swift's `==` takes two spellings of one letter for the same; somebody else's words are compared as they are.
    package func hasSameBytes(as other: String) -> Bool { self.utf8.elementsEqual(other.utf8) }
}

extension Unicode.GeneralCategory {
    /// Nothing that cannot be seen, turns a line round or ends it.
    package var isShown: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
