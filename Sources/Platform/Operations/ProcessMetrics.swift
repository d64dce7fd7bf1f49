import Glibc

/// What any process can tell of itself, under the names that dashboards know.
package enum ProcessMetrics {
    private static let procBytesMax = 64 * 1024

    package static func declare(in metrics: MetricRegistry) {
        let start = Double(WallClock.unixMilliseconds()) / 1000
        metrics.counter(
            "martlet_metric_overflows_total",
            "Times that something was counted as `other` for want of room."
        ) {
            Double(metrics.overflows.value)
        }
        metrics.gauge("process_start_time_seconds", "When this process started, in Unix time.") { start }
        metrics.counter("process_cpu_seconds_total", "User and system CPU time.") { Self.cpuSeconds() }
        metrics.gauge("process_resident_memory_bytes", "Memory in use.") { Self.residentBytes() }
        metrics.gauge("process_open_fds", "Open file descriptors.") { Self.openDescriptors() }
    }

    private static func cpuSeconds() -> Double? {
        var usage = rusage()
        guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        return Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    private static func residentBytes() -> Double? {
        let bytes: [UInt8]
        do {
            bytes = try DurableFile.read("/proc/self/statm", bytesMax: Self.procBytesMax)
        } catch {
            // Nothing to report where /proc is not mounted.
            return nil
        }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Double(fields[1]).map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) } : nil
    }

    private static func openDescriptors() -> Double? {
        guard let stream = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(stream) }
        var count = 0
        while unsafe readdir(stream) != nil { count += 1 }
        // Not ".", "..", nor the directory itself.
        return Double(count - 3)
    }
}
