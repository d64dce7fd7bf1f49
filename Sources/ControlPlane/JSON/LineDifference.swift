/// Lines that two texts share and do not share, as `diff -u` shows them without its headers.
enum LineDifference: Hashable, Sendable {
    case same(String)
    case removed(String)
    case added(String)

    var text: String {
        switch self {
        case .same(let line): "  \(line)"
        case .removed(let line): "- \(line)"
        case .added(let line): "+ \(line)"
        }
    }

    /// Finding what two texts share takes time that grows with the product of their lengths.
    private static let comparedMax = 2_000

    /// In the order of reading, what is gone before what came for it. Texts of more than 2,000 lines share nothing here.
    static func between(_ old: [String], _ new: [String]) -> [LineDifference] {
        guard old.count <= Self.comparedMax, new.count <= Self.comparedMax else {
            return old.map { .removed($0) } + new.map { .added($0) }
        }
        let difference = new.difference(from: old)
        let removed = Set(difference.removals.map(\.offset))
        let added = Set(difference.insertions.map(\.offset))
        var lines: [LineDifference] = []
        var (from, to) = (0, 0)
        while from < old.count || to < new.count {
            if from < old.count, removed.contains(from) {
                lines.append(.removed(old[from]))
                from += 1
            } else if to < new.count, added.contains(to) {
                lines.append(.added(new[to]))
                to += 1
            } else {
                lines.append(.same(old[from]))
                from += 1
                to += 1
            }
        }
        return lines
    }
}

extension CollectionDifference.Change {
    fileprivate var offset: Int {
        switch self {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }
}
