package import Platform

extension Places.Bounds {
    /// | option | meaning |
    /// | --- | --- |
    /// | `exchanges-max` | requests that the whole node serves at once, shared out among its event loops |
    /// | `exchanges-per-key-max` | of them, those of one API key |
    package static let optionNames = ["exchanges-max", "exchanges-per-key-max"]

    package init(_ options: Options, loops: Int) throws(StartupFault) {
        self.exchangesMax = try Self.share(of: "exchanges-max", options, preset: self.exchangesMax, loops)
        self.perKeyMax = try Self.share(of: "exchanges-per-key-max", options, preset: self.perKeyMax, loops)
    }

    private static func share(
        of name: String,
        _ options: Options,
        preset: Int,
        _ loops: Int
    ) throws(StartupFault) -> Int {
        max(1, try options.int(name, default: preset * loops, in: 1...1_000_000) / loops)
    }
}
