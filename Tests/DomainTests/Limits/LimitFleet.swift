import Domain
import TestSupport

/// Nodes and a control plane under one limit, with callers, and messages that take their time or are lost. Time passes in
/// steps; there is no clock.
struct LimitFleet {
    static let stepMilliseconds: Int64 = 5
    private static let timeout: Int64 = 2_000

    struct Node {
        let boot: ID<Boot>
        var allowances = Allowances()
        /// Requests a minute.
        var demand: Double
        var isUp = true
        /// Parts of the next request that have come.
        var due = 0.0
        var nextCall: Int64 = 0
        var lastCall: Int64 = -1_000
        var call: (arrives: Int64, call: LimitCall, sent: Int64)?
        var answer: (arrives: Int64, answer: LimitAnswer, sent: Int64)?
        var timesOut: Int64?
    }

    let limit: Limit
    let key: LimitKey
    var shares: LimitShares
    var nodes: [Node] = []
    var now: Int64 = 0
    /// Of a hundred messages.
    var lost = 2
    /// Requests let through, by whole minutes.
    private(set) var admitted: [Int] = []
    private(set) var mostInForce: Int64 = 0
    private var random: SeededGenerator

    init(_ limit: Limit, _ random: SeededGenerator, learns: Bool = false) {
        self.limit = limit
        self.key = LimitKey(limit.name)
        self.random = random
        self.shares = LimitShares(at: learns ? 0 : -LimitShares.silentMilliseconds)
    }

    mutating func join(_ boot: ID<Boot>, demand: Double) {
        var node = Node(boot: boot, demand: demand, nextCall: self.now)
        node.due = Double.random(in: 0..<1, using: &self.random)
        self.nodes.append(node)
        self.tellNodes()
    }

    mutating func die(_ index: Int) {
        self.nodes[index].isUp = false
        self.tellNodes()
    }

    /// As the control plane tells them in the head.
    private mutating func tellNodes() {
        let live = self.nodes.count(where: \.isUp)
        for index in self.nodes.indices { self.nodes[index].allowances.nodes = live }
    }

    mutating func run(minutes: Int) {
        let end = self.now + Int64(minutes) * 60_000
        while self.now < end {
            self.now += Self.stepMilliseconds
            for index in self.nodes.indices where self.nodes[index].isUp { self.step(index) }
            let inForce = self.nodes.filter(\.isUp)
                .reduce(Int64(0)) { $0 + ($1.allowances.share(of: self.key, at: self.now)?.requests ?? 0) }
            self.mostInForce = max(self.mostInForce, inForce)
        }
    }

    private mutating func step(_ index: Int) {
        self.callers(of: index)
        self.deliverCall(of: index)
        self.deliverAnswer(to: index)
        self.say(index)
    }

    private mutating func callers(of index: Int) {
        // Steady, but not in step with anything.
        let pace = Double.random(in: 0.5..<1.5, using: &self.random)
        self.nodes[index].due += self.nodes[index].demand * pace * Double(Self.stepMilliseconds) / 60_000
        while self.nodes[index].due >= 1 {
            self.nodes[index].due -= 1
            let answer = self.nodes[index].allowances.take([.init(self.limit, tokens: 10)], at: self.now)
            guard case .passed(let taken, _) = answer else { continue }
            self.nodes[index].allowances.settle(taken, tokens: 10)
            let minute = Int(self.now / 60_000)
            while self.admitted.count <= minute { self.admitted.append(0) }
            self.admitted[minute] += 1
        }
    }

    private mutating func say(_ index: Int) {
        if let timesOut = self.nodes[index].timesOut {
            guard self.now >= timesOut else { return }
            self.nodes[index].timesOut = nil
            self.nodes[index].answer = nil
            self.nodes[index].nextCall = self.now + Int64.random(in: 0..<500, using: &self.random)
        }
        let node = self.nodes[index]
        let isHurried = node.allowances.hasNews && self.now - node.lastCall >= 200
        guard self.now >= node.nextCall || isHurried else { return }
        self.nodes[index].nextCall = self.now + 2_000
        self.nodes[index].lastCall = self.now
        guard let call = self.nodes[index].allowances.call(at: self.now) else { return }
        self.nodes[index].timesOut = self.now + Self.timeout
        if let arrives = self.arrival() { self.nodes[index].call = (arrives, call, self.now) }
    }

    private mutating func deliverCall(of index: Int) {
        guard let (arrives, call, sent) = self.nodes[index].call, self.now >= arrives else { return }
        self.nodes[index].call = nil
        let limit = self.limit
        let answer = self.shares.answer(call, of: self.nodes[index].boot, at: self.now) {
            $0 == limit.name ? limit : nil
        }
        guard let answer, let back = self.arrival() else { return }
        self.nodes[index].answer = (back, answer, sent)
    }

    private mutating func deliverAnswer(to index: Int) {
        guard let (arrives, answer, sent) = self.nodes[index].answer, self.now >= arrives else { return }
        self.nodes[index].answer = nil
        self.nodes[index].timesOut = nil
        self.nodes[index].allowances.hear(answer, sent: sent, at: self.now)
        self.nodes[index].nextCall = self.now + (self.nodes[index].allowances.hasNews ? 10 : 2_000)
    }

    /// Nil where it is lost. Some take longer than the node waits.
    private mutating func arrival() -> Int64? {
        if Int.random(in: 0..<100, using: &self.random) < self.lost { return nil }
        let isSlow = Int.random(in: 0..<100, using: &self.random) < self.lost
        return self.now + Int64.random(in: 1...(isSlow ? 4_000 : 60), using: &self.random)
    }
}
