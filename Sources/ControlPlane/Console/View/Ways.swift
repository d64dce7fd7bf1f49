/// The two ways to show a difference, as links.
enum Ways {
    static func chosen(_ visit: Visit) -> DifferenceView.Way {
        visit.query["view"].flatMap(DifferenceView.Way.init) ?? .side
    }

    static func json(_ visit: Visit, _ path: String, _ others: String = "") -> JSON {
        .array(
            DifferenceView.Way.allCases.map { way in
                [
                    "title": .string(way == .side ? "Side by side" : "In words"),
                    "link": .string("\(path)?\(others)view=\(way.rawValue)#difference"),
                    "isCurrent": .bool(way == self.chosen(visit)),
                ]
            }
        )
    }
}
