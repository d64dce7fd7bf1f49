import Glibc
import Platform

/// What a command reads: a file, a pipe, or a person at the terminal. Every source has a bound, and passing it is a
/// refusal, never a cut.
enum Input {
    /// All of a file, or of standard input for `-`.
    static func bytes(of path: String, bytesMax: Int) throws -> [UInt8] {
        do {
            return path == "-" ? try self.standard(bytesMax: bytesMax) : try DurableFile.read(path, bytesMax: bytesMax)
        } catch let fault as FileFault {
            throw Refusal(exit: .usage, lines: [fault.description])
        }
    }

    /// A secret from standard input, unseen where it is typed. One line end after it is not part of it.
    static func secret(named name: String, bytesMax: Int) throws -> String {
        let isTyped = isatty(STDIN_FILENO) == 1
        if isTyped { StandardError.write("value of \(name), then Enter and Ctrl-D; it is not shown: ") }
        var bytes = try self.unseen(isTyped) { try self.standard(bytesMax: bytesMax) }
        if isTyped { StandardError.write("\n") }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else {
            throw Refusal(exit: .usage, lines: ["give the value, as text, on standard input, or --from-env NAME"])
        }
        return text
    }

    private static func standard(bytesMax: Int) throws -> [UInt8] {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw Refusal(exit: .usage, lines: ["standard input cannot be read"]) }
            guard count > 0 else { return content }
            content += chunk[..<count]
            guard content.count <= bytesMax else {
                throw Refusal(exit: .usage, lines: ["standard input holds more than \(bytesMax) bytes"])
            }
        }
    }

    private static func unseen<Value>(_ isTyped: Bool, _ body: () throws -> Value) throws -> Value {
        var before = termios()
        guard isTyped, unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return try body() }
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &quiet)
        defer { _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &before) }
        return try body()
    }
}
