/// What providers have billed and may still bill, as only the simulation knows it.
///
/// By boot and account: that is fine enough to tell whose money it is, and small enough to be looked at after every step
/// that touches it.
struct Truth {
    struct Line {
        var billed: Int64 = 0
        /// What attempts in flight hold, whether or not their node still lives.
        var running: Int64 = 0
        /// What attempts cost beyond what they held.
        var excess: Int64 = 0
        /// What a restore made the control plane forget, or it lent again of a soft budget that was lost.
        var gap: Int64 = 0
    }

    private var lines: [[Line]] = []
    /// The most that an account was ever allowed.
    private(set) var highest: [Int64] = []

    subscript(boot: Int, account: Int) -> Line {
        get { boot < self.lines.count && account < self.lines[boot].count ? self.lines[boot][account] : Line() }
        set {
            while self.lines.count <= boot { self.lines.append([]) }
            while self.lines[boot].count <= account { self.lines[boot].append(Line()) }
            self.lines[boot][account] = newValue
        }
    }

    mutating func allow(_ limit: Int64, of account: Int) {
        while self.highest.count <= account { self.highest.append(0) }
        self.highest[account] = max(self.highest[account], limit)
    }

    /// Over all boots.
    func total(of account: Int) -> Line {
        var total = Line()
        for boot in self.lines where account < boot.count {
            total.billed += boot[account].billed
            total.running += boot[account].running
            total.excess += boot[account].excess
            total.gap += boot[account].gap
        }
        return total
    }
}
