package import Platform

extension Places.Bounds {
    /// | option | meaning |
    /// | --- | --- |
    /// | `exchanges-max` | requests that the whole node serves at once, shared out among its event loops |
    /// | `exchanges-per-key-max` | of them, those of one API key |
    package init(_ options: Options, loops: Int) throws(StartupFault) {
        self.exchangesMax = try options.share(of: "exchanges-max", preset: self.exchangesMax, loops: loops)
        self.perKeyMax = try options.share(of: "exchanges-per-key-max", preset: self.perKeyMax, loops: loops)
    }
}
