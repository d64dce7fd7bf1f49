import Glibc

/// How many files and sockets this process may have open at once.
package enum OpenFiles {
    /// Raises the process's own limit to the highest that its user may set, and gives the one in force from then on.
    ///
    /// Shells and service managers start programs with 1,024, for those that still wait with `select`.
    package static func raiseLimit() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        var raised = limit
        raised.rlim_cur = raised.rlim_max
        let isRaised = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0
        return Int(clamping: isRaised ? raised.rlim_cur : limit.rlim_cur)
    }
}
