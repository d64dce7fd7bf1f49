package import Storage

extension Reading {
    /// Everything of one kind that was written and not archived, as it was written last.
    package func written<Content: CatalogContent>(_ type: Content.Type) throws -> [Content] {
        try self.items(of: Content.kind, limit: .max).map { try Content.read($0.latest) }
    }

    /// One thing as it was written last; nil if there is none or it was archived.
    package func written<Content: CatalogContent>(_ type: Content.Type, _ name: String) throws -> Content? {
        guard let latest = try self.latest(Content.kind, name), latest.state != .archived else { return nil }
        return try Content.read(latest)
    }
}

extension Item {
    /// What it says to others: as it was written last, and as it is in force where that is another revision.
    var standing: [Revision] {
        guard let inForce = self.inForce, inForce.revision != self.latest.revision else { return [self.latest] }
        return [self.latest, inForce]
    }
}
