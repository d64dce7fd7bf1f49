/// The kernel's id of this machine's start; it changes when the machine goes down, not when a process does.
package enum MachineStart {
    private static let path = "/proc/sys/kernel/random/boot_id"

    /// Empty where the kernel does not tell: every start then counts as the machine's, which is the careful reading.
    package static func id(of disk: some SpoolDisk = PosixDisk()) -> String {
        do {
            let bytes = try disk.read(self.path, at: 0, atMost: 128)
            return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        } catch {
            return ""
        }
    }
}
