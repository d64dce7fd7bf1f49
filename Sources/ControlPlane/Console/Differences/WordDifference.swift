/// Two lines word by word: what is the same, what is gone, what came.
package enum WordDifference {
    package struct Piece: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            case same
            case removed
            case added
        }

        package let kind: Kind
        package let text: String
    }

    /// Finding what two lines share takes time that grows with the product of their lengths.
    private static let wordsMax = 1_000

    /// In the order of reading, what is gone before what came for it. Lines that share little are shown as wholes: a
    /// patchwork of single words says less.
    package static func between(_ old: String, _ new: String) -> [Piece] {
        let (before, after) = (self.words(old), self.words(new))
        let whole = [Piece(kind: .removed, text: old), Piece(kind: .added, text: new)].filter { !$0.text.isEmpty }
        guard before.count <= self.wordsMax, after.count <= self.wordsMax else { return whole }
        let lines = LineDifference.between(before, after)
        let shared = lines.reduce(0) { sum, line in
            if case .same(let word) = line, !word.allSatisfy(\.isWhitespace) { sum + word.count } else { sum }
        }
        guard shared * 3 >= max(old.count, new.count) || old == new else { return whole }
        return self.joined(lines)
    }

    private static func joined(_ lines: [LineDifference]) -> [Piece] {
        var pieces: [Piece] = []
        for line in lines {
            let piece =
                switch line {
                case .same(let word): Piece(kind: .same, text: word)
                case .removed(let word): Piece(kind: .removed, text: word)
                case .added(let word): Piece(kind: .added, text: word)
                }
            if let last = pieces.last, last.kind == piece.kind {
                pieces[pieces.count - 1] = Piece(kind: last.kind, text: last.text + piece.text)
            } else {
                pieces.append(piece)
            }
        }
        return pieces
    }

    /// Runs of letters and digits, runs of blanks, and every other character by itself; together they are the line.
    package static func words(_ line: String) -> [String] {
        var words: [String] = []
        var last: Kind?
        for character in line {
            let kind = Kind(character)
            if kind == last, kind != .mark {
                words[words.count - 1].append(character)
            } else {
                words.append(String(character))
            }
            last = kind
        }
        return words
    }

    private enum Kind {
        case word
        case blank
        case mark

        init(_ character: Character) {
            self = character.isLetter || character.isNumber ? .word : character.isWhitespace ? .blank : .mark
        }
    }
}
