import Foundation
import Platform

/// What one model used in one day (UTC), by whoever counts it.
struct DayOfModel: Hashable, Sendable {
    struct Key: Hashable, Comparable, Sendable {
        /// As in `2027-01-31`.
        let day: String
        let model: String

        static func < (a: Key, b: Key) -> Bool { (a.day, a.model) < (b.day, b.model) }
    }

    var requests: Int64?
    var inputTokens: Int64?
    var outputTokens: Int64?
    /// In US dollars.
    var cost: Decimal?

    mutating func add(_ other: DayOfModel) {
        func sum(_ a: Int64?, _ b: Int64?) -> Int64? {
            guard let a, let b else { return a ?? b }
            let (sum, overflow) = a.addingReportingOverflow(b)
            return overflow ? .max : sum
        }
        self.requests = sum(self.requests, other.requests)
        self.inputTokens = sum(self.inputTokens, other.inputTokens)
        self.outputTokens = sum(self.outputTokens, other.outputTokens)
        if let cost = other.cost { self.cost = (self.cost ?? 0) + cost }
    }
}

/// A provider's own export of usage, read by the names of its columns, in whatever order. Columns that nobody asks for are
/// passed over, and so are rows without a model: exports have one for each day on which nothing was.
enum ProviderReport {
    /// OpenAI's exports of activity (`start_time_iso`, `model`, `num_model_requests`, …) and of cost (`amount_value`), and
    /// what people make of them in spreadsheets.
    private static let names: [(field: Field, names: [String])] = [
        (.day, ["start_time_iso", "date", "day", "start_time"]), (.model, ["model", "snapshot_id", "line_item"]),
        (.requests, ["num_model_requests", "requests", "n_requests"]),
        (.input, ["input_tokens", "n_context_tokens_total", "prompt_tokens"]),
        (.output, ["output_tokens", "n_generated_tokens_total", "completion_tokens"]),
        (.cost, ["amount_value", "amount", "cost", "cost_usd"]),
    ]

    private enum Field { case day, model, requests, input, output, cost }

    /// Throws a refusal that names the column or the row.
    static func read(_ text: String) throws -> [DayOfModel.Key: DayOfModel] {
        // A byte order mark is no part of the first name.
        guard let records = CommaSeparated.records(text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text),
            let head = records.first
        else { throw self.refusal("the file is no CSV with a row of names") }
        let columns = self.columns(head)
        guard let day = columns[.day], let model = columns[.model] else {
            throw self.refusal("the file has no column for the day (start_time_iso, date) or the model (model)")
        }
        var days: [DayOfModel.Key: DayOfModel] = [:]
        for (index, record) in records.enumerated().dropFirst() {
            guard record.count == head.count else {
                throw self.refusal("row \(index + 1) has other columns than the first")
            }
            guard !record[model].isEmpty else { continue }
            let key = DayOfModel.Key(day: try self.day(record[day], row: index + 1), model: self.model(record[model]))
            days[key, default: DayOfModel()].add(try self.numbers(record, columns, row: index + 1))
        }
        return days
    }

    /// A line item of a cost export is a model and what of it is billed: `gpt-4o-mini-2024-07-18, input`.
    private static func model(_ text: String) -> String {
        text.firstRange(of: ", ").map { String(text[..<$0.lowerBound]) } ?? text
    }

    private static func columns(_ head: [String]) -> [Field: Int] {
        let known = head.map { $0.lowercased().filter { $0 != " " } }
        var columns: [Field: Int] = [:]
        for (field, names) in self.names {
            columns[field] = names.lazy.compactMap { known.firstIndex(of: $0) }.first
        }
        return columns
    }

    private static func numbers(_ record: [String], _ columns: [Field: Int], row: Int) throws -> DayOfModel {
        func number(_ field: Field) throws -> Int64? {
            guard let text = columns[field].map({ record[$0] }), !text.isEmpty else { return nil }
            guard let number = Int64(text), number >= 0 else { throw self.refusal("row \(row): \(text) is no count") }
            return number
        }
        return DayOfModel(
            requests: try number(.requests),
            inputTokens: try number(.input),
            outputTokens: try number(.output),
            cost: try columns[.cost].flatMap { try self.money(record[$0], row: row) }
        )
    }

    private static func money(_ text: String, row: Int) throws -> Decimal? {
        guard !text.isEmpty else { return nil }
        guard text.wholeMatch(of: /-?\d{1,12}(\.\d{1,24})?/) != nil,
            let money = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX"))
        else { throw self.refusal("row \(row): \(text) is no sum") }
        return money
    }

    /// `2027-01-31`, with a time after it or as seconds since 1970.
    private static func day(_ text: String, row: Int) throws -> String {
        if let seconds = Int64(text), (0...253_402_300_799).contains(seconds) {
            return String(WallClock.rfc3339((Int(seconds), 0)).prefix(10))
        }
        let day = String(text.prefix(10))
        guard day.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil else {
            throw self.refusal("row \(row): \(text) is no day")
        }
        return day
    }

    private static func refusal(_ line: String) -> Refusal { Refusal(exit: .usage, lines: [line]) }
}
