/// What a request says of itself, as far as a decision may read it.
package struct Facts: Hashable, Sendable {
    /// The route or model that the caller asked for, as it wrote it.
    package let wanted: String
    package let isStream: Bool
    /// The caller's own cap on output tokens, if it set one.
    package let outputCap: Int64?
    package let admitted: Timestamp

    package init(wanted: String, isStream: Bool, outputCap: Int64?, admitted: Timestamp) {
        self.wanted = wanted
        self.isStream = isStream
        self.outputCap = outputCap
        self.admitted = admitted
    }
}

/// What the node knows of its candidates at this moment. Later issues add affordability and health.
package struct Signals: Hashable, Sendable {
    /// Models whose provider this node holds no usable credential for.
    package let withoutCredential: Set<Name<Model>>

    package init(withoutCredential: Set<Name<Model>> = []) { self.withoutCredential = withoutCredential }
}
