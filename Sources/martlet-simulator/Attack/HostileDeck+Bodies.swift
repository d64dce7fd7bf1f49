/// Bodies that are broken, or that two readers would take for different ones.
extension HostileDeck {
    mutating func brokenBody() -> [UInt8] {
        switch self.number(in: 0..<12) {
        case 0..<4: return Array(HostileBodies.text(self.one(of: HostileBodies.broken, or: "{"), for: self.caller).utf8)
        case 4: return self.around(self.one(of: HostileBodies.notUTF8, or: [0xFF]), quoted: true)
        case 5: return self.deep()
        case 6: return Array(self.caller.body.utf8.dropLast(self.number(in: 1..<self.caller.body.utf8.count)))
        case 7..<10: return self.around(self.one(of: self.cases.rejected, or: Array("tru".utf8)), quoted: false)
        default: return self.one(of: self.cases.rejected + self.cases.either, or: Array("[1,]".utf8))
        }
    }

    /// A good body with `value` in a field that the server does not read.
    private func around(_ value: [UInt8], quoted: Bool) -> [UInt8] {
        let quote = quoted ? "\"" : ""
        return Array("\(self.caller.body.dropLast()),\"x\":\(quote)".utf8) + value + Array("\(quote)}".utf8)
    }

    private mutating func deep() -> [UInt8] {
        let depth = self.number(in: 600..<20_000)
        let opening = self.one(of: ["[", "{\"a\":", "[{\"a\":"], or: "[")
        return self.around(Array(String(repeating: opening, count: depth).utf8), quoted: false)
    }

    mutating func ambiguousBody() -> String {
        let members = self.one(of: HostileBodies.ambiguous, or: "\"model\":null")
        guard self.number(in: 0..<3) == 0 else { return HostileBodies.body(with: members, for: self.caller) }
        // In front, for whoever takes the last of two.
        return "{\(HostileBodies.text(members, for: self.caller)),\(self.caller.body.dropFirst())"
    }
}
