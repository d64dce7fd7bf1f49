/// A difference of lines as a page shows it: each change with the line that came for it beside it, or both in one.
struct DifferenceView {
    private let rows: [Row]

    /// Unchanged lines around a change that are shown; longer stretches are folded.
    private static let contextLines = 3
    /// Comparing the words of two lines takes time that grows with the product of their lengths: so much for one view.
    /// Beyond it lines are shown whole; none is ever left out, because somebody agrees to what stands here.
    private static let comparedMax = 4_000_000

    private enum Row {
        /// Numbers of the line before and after, and its text.
        case same(Int, Int, String)
        case changed((number: Int, text: String)?, (number: Int, text: String)?)
        case folded(Int)
    }

    init(_ lines: [LineDifference]) { self.rows = Self.folded(Self.paired(lines)) }

    /// From the admin API's spelling: two characters say what became of the line.
    init(api lines: [JSON]) {
        self.init(
            lines.compactMap(\.string).map { line in
                let text = String(line.dropFirst(2))
                return line.hasPrefix("- ") ? .removed(text) : line.hasPrefix("+ ") ? .added(text) : .same(text)
            }
        )
    }

    /// A run of lines that are gone is laid beside the run that came for it.
    private static func paired(_ lines: some Sequence<LineDifference>) -> [Row] {
        var rows: [Row] = []
        var (removed, added): ([String], [String]) = ([], [])
        var (old, new) = (0, 0)
        func flush() {
            for index in 0..<max(removed.count, added.count) {
                var (left, right): ((Int, String)?, (Int, String)?) = (nil, nil)
                if index < removed.count { (old, left) = (old + 1, (old + 1, removed[index])) }
                if index < added.count { (new, right) = (new + 1, (new + 1, added[index])) }
                rows.append(.changed(left, right))
            }
            (removed, added) = ([], [])
        }
        for line in lines {
            switch line {
            case .removed(let text):
                if !added.isEmpty { flush() }
                removed.append(text)
            case .added(let text): added.append(text)
            case .same(let text):
                flush()
                (old, new) = (old + 1, new + 1)
                rows.append(.same(old, new, text))
            }
        }
        flush()
        return rows
    }

    private static func folded(_ rows: [Row]) -> [Row] {
        let changes = rows.indices.filter { if case .changed = rows[$0] { true } else { false } }
        var isShown = Array(repeating: changes.isEmpty, count: rows.count)
        for change in changes {
            for index in max(0, change - Self.contextLines)..<min(rows.count, change + Self.contextLines + 1) {
                isShown[index] = true
            }
        }
        var result: [Row] = []
        var hidden = 0
        for (index, row) in rows.enumerated() {
            if isShown[index] {
                if hidden > 0 { result.append(.folded(hidden)) }
                hidden = 0
                result.append(row)
            } else {
                hidden += 1
            }
        }
        return hidden > 0 ? result + [.folded(hidden)] : result
    }

    // MARK: - Two ways to show it

    enum Way: String, Sendable, CaseIterable {
        /// One column, with what is gone and what came within each line.
        case words
        /// Before on the left, after on the right.
        case side
    }

    func json(_ way: Way) -> JSON {
        var budget = Self.comparedMax
        var rows: [JSON] = []
        for row in self.rows { rows += way == .side ? [Self.side(row, &budget)] : Self.inline(row, &budget) }
        return [
            "isSide": .bool(way == .side), "rows": .array(rows),
            "isSame": .bool(!self.rows.contains { if case .changed = $0 { true } else { false } }),
        ]
    }

    /// Empty where the lines have nothing in common, or the budget is spent.
    private static func words(_ old: String?, _ new: String?, _ budget: inout Int) -> [WordDifference.Piece] {
        guard let old, let new else { return [] }
        let cost = old.utf8.count * new.utf8.count / 16
        guard cost <= budget else { return [] }
        budget -= cost
        let pieces = WordDifference.between(old, new)
        return pieces.contains { $0.kind == .same } ? pieces : []
    }

    private static func side(_ row: Row, _ budget: inout Int) -> JSON {
        switch row {
        case .folded(let count): return self.fold(count)
        case .same(let old, let new, let text):
            let plain = self.pieces([.init(kind: .same, text: text)])
            return [
                "fold": .null, "left": ["number": .number(old), "pieces": plain, "mark": .null],
                "right": ["number": .number(new), "pieces": plain, "mark": .null],
            ]
        case .changed(let old, let new):
            let pieces = self.words(old?.text, new?.text, &budget)
            func cell(_ line: (number: Int, text: String)?, without kind: WordDifference.Piece.Kind) -> JSON {
                guard let line else { return ["number": .null, "pieces": .array([]), "mark": "none"] }
                // Of a line that is new as a whole its mark says all.
                let shown = pieces.isEmpty ? [.init(kind: .same, text: line.text)] : pieces.filter { $0.kind != kind }
                return [
                    "number": .number(line.number), "pieces": self.pieces(shown),
                    "mark": kind == .added ? "removed" : "added",
                ]
            }
            return ["fold": .null, "left": cell(old, without: .added), "right": cell(new, without: .removed)]
        }
    }

    private static func inline(_ row: Row, _ budget: inout Int) -> [JSON] {
        func line(_ mark: JSON, _ number: Int, _ pieces: [WordDifference.Piece]) -> JSON {
            ["fold": .null, "mark": mark, "number": .number(number), "pieces": self.pieces(pieces)]
        }
        switch row {
        case .folded(let count): return [self.fold(count)]
        case .same(_, let new, let text): return [line(.null, new, [.init(kind: .same, text: text)])]
        case .changed(let old, let new):
            let pieces = self.words(old?.text, new?.text, &budget)
            if let new, !pieces.isEmpty { return [line("changed", new.number, pieces)] }
            return [
                old.map { line("removed", $0.number, [.init(kind: .same, text: $0.text)]) },
                new.map { line("added", $0.number, [.init(kind: .same, text: $0.text)]) },
            ].compactMap(\.self)
        }
    }

    private static func fold(_ count: Int) -> JSON {
        ["fold": .string(count == 1 ? "1 line the same" : "\(count) lines the same")]
    }

    private static func pieces(_ pieces: [WordDifference.Piece]) -> JSON {
        .array(
            pieces.map { piece in
                [
                    "text": .string(piece.text), "isRemoved": .bool(piece.kind == .removed),
                    "isAdded": .bool(piece.kind == .added),
                ]
            }
        )
    }
}
