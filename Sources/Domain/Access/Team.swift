/// Who calls, as a group: keys, usage and money belong to a team.
package struct Team: Nameable, Hashable, Sendable {
    package let name: Name<Team>
    /// Pinned task metadata: it wins over what a request says itself.
    package let metadata: [String: String]

    package init(name: Name<Team>, metadata: [String: String] = [:]) {
        self.name = name
        self.metadata = metadata
    }
}
