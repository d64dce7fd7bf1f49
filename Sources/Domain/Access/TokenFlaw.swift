/// Why a token opens nothing, as a part of a sentence that names it: "it has expired". Says nothing of what is in it.
package struct TokenFlaw: Error, Hashable, Sendable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}
