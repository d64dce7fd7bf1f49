/// A thing's state as a word with a mood; the word says all, the colour only helps.
enum State {
    static func json(_ word: String) -> JSON {
        .object(["word": .string(word), "mood": .string(self.mood(of: word))])
    }

    private static func mood(of word: String) -> String {
        switch word {
        case "approved", "approve", "active", "current", "answered": "good"
        case "proposed", "open", "draft", "deprecated", "draining", "behind": "wait"
        case "rejected", "reject", "stopped", "revoked", "banned", "expired", "silent": "bad"
        default: "plain"
        }
    }
}
