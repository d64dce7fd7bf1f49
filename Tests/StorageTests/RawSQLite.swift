import GRDB

/// The file as anybody sees it who has it: past the module, its types and its one writer.
enum RawSQLite {
    /// Nil if it was done; else what SQLite says.
    static func run(_ sql: String, on path: String) -> String? {
        do {
            let queue = try DatabaseQueue(path: path)
            try queue.write { try $0.execute(sql: sql) }
            try queue.close()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
