internal import Platform

extension Options {
    /// A bound on the whole node, shared out among its event loops: each has one at least. `preset` is of one loop.
    func share(of name: String, preset: Int, loops: Int) throws(StartupFault) -> Int {
        max(1, try self.int(name, default: preset * loops, in: 1...max(1_000_000, preset * loops)) / loops)
    }
}
