/// How long things may grow before a reader loses the thread.
enum Sizes {
    static let linesPerFileMax = 500
    static let linesPerFunctionMax = 70
    static let linesPerPageMax = 90
    static let linesPerReadmeMax = 150

    /// Lists that programs write for programs.
    private static let unread: Set<String> = ["deploy/hot-functions.txt"]

    static func violations(in file: SourceFile) -> [String] {
        guard !self.unread.contains(file.path) else { return [] }
        let long = file.functions.filter { $0.length > linesPerFunctionMax }.map {
            "\(file.path):\($0.line): a function of \($0.length) lines; \(linesPerFunctionMax) is the limit"
        }
        return violation(of: linesPerFileMax, in: file) + long
    }

    static func violation(of limit: Int, in file: SourceFile) -> [String] {
        let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
        return count > limit ? ["\(file.path) has \(count) lines; \(limit) is the limit"] : []
    }
}
