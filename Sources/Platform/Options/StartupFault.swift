/// Why a program cannot start or do what it was asked, with the exit code that tells a script which it was.
package struct StartupFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let exit: ExitStatus
    /// For the person at the terminal: names the option, file or address, and says what to do.
    package let description: String

    package init(_ exit: ExitStatus, _ description: String) {
        self.exit = exit
        self.description = description
    }
}

/// The exit codes of all our programs (`sysexits.h`).
package enum ExitStatus: Int32, Hashable, Sendable {
    case done = 0
    /// A flag or an argument is wrong.
    case usage = 64
    /// Something needed cannot be reached: a server, an address that is taken, a locked directory.
    case unavailable = 69
    /// A defect in the program itself.
    case software = 70
    /// The environment or a configuration file is wrong.
    case configuration = 78
}
