package import Platform

extension Places.Bounds {
    /// | option | meaning |
    /// | --- | --- |
    /// | `exchanges-max` | requests that the whole node serves at once: 1 to 1,000,000, each of its loops at least 1 |
    /// | `exchanges-per-key-max` | of them, those of one application, in the same way |
    ///
    /// Of `openFiles`, which the process may have, half is for callers: what is left is for providers and for usage.
    package init(_ options: Options, loops: Int, openFiles: Int) throws(StartupFault) {
        self.connectionsMax = min(self.connectionsMax, max(1, openFiles / 2 / loops))
        self.bodyBytesPerApplicationMax = max(ExchangeBounds().bodyMax, self.bodyBytesPerApplicationMax / loops)
        self.exchangesMax = try options.share(of: "exchanges-max", preset: self.exchangesMax, loops: loops)
        self.perApplicationMax = try options.share(
            of: "exchanges-per-key-max",
            preset: self.perApplicationMax,
            loops: loops
        )
    }
}
