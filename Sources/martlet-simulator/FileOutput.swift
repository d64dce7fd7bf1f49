import Foundation

/// Standard output is block-buffered into a pipe, and a test that started us waits for the first line.
enum FileOutput {
    static func flush() { fflush(nil) }
}
