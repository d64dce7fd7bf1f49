package import Domain
import GRDB

/// A thing of the catalogue as a list shows it: how it was written last, without what was written.
package struct Outline: Hashable, Sendable {
    package let name: String
    package let revision: Int64
    package let state: Revision.State
    package let author: String
    package let created: Timestamp
    /// Elements of one list of its content.
    package let count: Int
    /// JSON: one member of its content as it is in force; nil if nothing is.
    package let shown: String?

    init(_ row: Row) throws {
        self.name = row["name"]
        self.revision = row["revision"]
        self.state = try row.choice("state")
        self.author = row["author"]
        self.created = row.timestamp("created")
        self.count = row["count"]
        self.shown = row["shown"]
    }
}
