/// The bounds of a spool. Each has a policy for what happens beyond it, told where it is used.
package struct SpoolLimits: Hashable, Sendable {
    package var segmentByteCount = 8 * 1_024 * 1_024
    /// All segments of all boots. Beyond it the oldest acknowledged ones go, then the oldest of all: their loss is declared.
    package var byteCountMax = 1_024 * 1_024 * 1_024
    /// Attempts in flight per event loop that a crash can prove. Beyond it they go on unproved, counted and warned of.
    package var slotsPerLoop = 4_096
    /// Events without a slot that wait for the writer. Beyond it they are lost: their numbers are declared.
    package var looseEventsMax = 10_000
    /// How long acknowledged segments stay, for a control plane that was restored.
    package var keepAckedMilliseconds: Int64 = 24 * 3_600_000
    package var flushEveryMilliseconds: Int64 = 10
    /// While nothing ends. With `syncEveryMilliseconds`, a power cut still loses no more than 100 ms.
    package var idleFlushEveryMilliseconds: Int64 = 50
    package var syncEveryMilliseconds: Int64 = 50
    /// How long the writer leaves a disk alone that refused something.
    package var retryDiskMilliseconds: Int64 = 1_000
    /// How long a batch that is not full waits for more.
    package var lingerMilliseconds: Int64 = 1_000
    /// Denials that become events, in one second; the others are counted.
    package var denialsPerSecondMax = 100

    package init() {}
}
