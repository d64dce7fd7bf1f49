import Glibc

/// The system's randomness, fetched for many numbers at once: a system call for each number would be among the dearest
/// things that a request's id costs.
struct BufferedRandom: RandomNumberGenerator {
    /// Numbers of eight bytes each; `getentropy` gives up to 256 bytes at once.
    private static let count = 32

    private var system = SystemRandomNumberGenerator()
    private var numbers: [UInt64] = []

    mutating func next() -> UInt64 {
        if self.numbers.isEmpty { self.fill() }
        return self.numbers.popLast() ?? self.system.next()
    }

    private mutating func fill() {
        var fresh = [UInt64](repeating: 0, count: Self.count)
        let result = unsafe fresh.withUnsafeMutableBytes { unsafe getentropy($0.baseAddress, $0.count) }
        // Where it fails the numbers are taken one by one, from a source that waits until it can.
        self.numbers = result == 0 ? fresh : []
    }
}
