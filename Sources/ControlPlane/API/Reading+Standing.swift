import Storage

extension Reading {
    /// The thing of that name; one that was archived is there no more.
    ///
    /// - Throws: a `Problem` of 404.
    func standing(_ kind: Kind, _ name: String) throws -> Item {
        guard let item = try self.item(kind, name), item.latest.state != .archived else {
            throw Problem.notFound("\(kind.singular) \(name)")
        }
        return item
    }
}
