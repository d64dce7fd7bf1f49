import Foundation
import Logging
import Platform
import Synchronization
import TestSupport
import Testing

/// One record, one line; nothing in a record can break it.
@Suite struct LogTests {
    private final class Lines: Sendable {
        private let held = Mutex<[String]>([])

        func add(_ line: String) { self.held.withLock { $0.append(line) } }

        var all: [String] { self.held.withLock { $0 } }
    }

    private func logger(_ options: LogOptions, to lines: Lines) -> Logger {
        Logger(label: "martlet-test") { label in
            LineLogHandler(label: label, options, write: { lines.add($0) }, now: { (1_795_546_800, 7) })
        }
    }

    @Test func `a record is one JSON object with its metadata`() throws {
        let lines = Lines()
        var logger = self.logger(LogOptions(format: .json), to: lines)
        logger[metadataKey: "node.id"] = "n1"
        logger.info("snapshot \"active\"\n", metadata: ["seq": "7", "list": ["a", "b"]])
        let line = try #require(lines.all.first)
        let object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(object["time"] == "2026-11-24T19:00:00.007Z")
        #expect(object["level"] == "info")
        #expect(object["logger"] == "martlet-test")
        #expect(object["message"] == "snapshot \"active\"\n")
        #expect(object["node.id"] == "n1")
        #expect(object["seq"] == "7")
    }

    @Test func `text is for people, in one order`() {
        let lines = Lines()
        self.logger(LogOptions(), to: lines).warning("not ready", metadata: ["z": "1", "a": "two words"])
        #expect(lines.all == ["2026-11-24T19:00:00.007Z WARNING martlet-test not ready a=\"two words\" z=1\n"])
    }

    @Test func `nothing in a record makes a second line, in either format`() {
        for format in LogOptions.Format.allCases {
            let lines = Lines()
            let evil = "a\r\n2026 ERROR forged \u{1B}[2J\u{2028}\u{85}\u{0}"
            self.logger(LogOptions(format: format), to: lines).info("\(evil)", metadata: ["k": "\(evil)"])
            #expect(lines.all.count == 1)
            let inner = lines.all[0].dropLast().unicodeScalars
            #expect(inner.allSatisfy { $0.value >= 0x20 && $0 != "\u{2028}" && $0 != "\u{85}" })
        }
    }

    @Test func `records under the level are not written, and levels do not spread between loggers`() {
        let lines = Lines()
        let logger = self.logger(LogOptions(level: .warning), to: lines)
        var loud = logger
        loud.logLevel = .trace
        logger.info("quiet")
        loud.trace("loud")
        #expect(lines.all.count == 1)
    }

    @Test func `a long value is cut`() throws {
        let lines = Lines()
        self.logger(LogOptions(), to: lines).info("m", metadata: ["k": "\(String(repeating: "é", count: 100_000))"])
        #expect(try #require(lines.all.first).utf8.count < 5000)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_399, "2000-02-28T23:59:59.000Z"),
        (951_782_400, "2000-02-29T00:00:00.000Z"), (951_868_800, "2000-03-01T00:00:00.000Z"),
        (4_107_542_399, "2100-02-28T23:59:59.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        (1_735_689_599, "2024-12-31T23:59:59.000Z"),
    ]) func `times are written as the calendar has them`(seconds: Int, expected: String) {
        #expect(WallClock.rfc3339((seconds, 0)) == expected)
    }
}

/// The numbers a daemon shows.
@Suite struct MetricTests {
    private let metrics = MetricRegistry()

    @Test func `each kind is written as Prometheus reads it`() {
        let requests = self.metrics.counter("b_total", "Requests.", labels: ["route", "status"])
        requests.cell("assistant", "2xx").increment()
        requests.cell("assistant", "2xx").increment(by: 2)
        requests.cell("a\"b\\c\nd", "5xx").increment()
        self.metrics.gauge("a_level", "A level\nin two lines.").set(-5)
        self.metrics.gauge("d_read", "Read.") { 1.5 }
        self.metrics.gauge("e_absent", "Absent.") { nil }
        let times = self.metrics.histogram("c_seconds", "Times.", bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7] { times.observe(value) }
        #expect(
            self.metrics.prometheusText() == """
                # HELP a_level A level\\nin two lines.
                # TYPE a_level gauge
                a_level -5
                # HELP b_total Requests.
                # TYPE b_total counter
                b_total{route="a\\"b\\\\c\\nd",status="5xx"} 1
                b_total{route="assistant",status="2xx"} 3
                # HELP c_seconds Times.
                # TYPE c_seconds histogram
                c_seconds_bucket{le="0.1"} 2
                c_seconds_bucket{le="1"} 3
                c_seconds_bucket{le="+Inf"} 4
                c_seconds_sum 7.65
                c_seconds_count 4
                # HELP d_read Read.
                # TYPE d_read gauge
                d_read 1.5
                # HELP e_absent Absent.
                # TYPE e_absent gauge

                """
        )
    }

    @Test func `series are bounded: what is too many is counted as other`() {
        let labelled = self.metrics.counter("x_total", "X.", labels: ["who"])
        for number in 0..<5000 { labelled.cell("user\(number)").increment() }
        let lines = self.metrics.prometheusText().split(separator: "\n").filter { $0.hasPrefix("x_total") }
        #expect(lines.count == Labelled<Counter>.seriesMax + 1)
        #expect(lines.contains("x_total{who=\"other\"} 4000"))
        #expect(self.metrics.overflows.value == 4_000)
    }

    @Test func `counting from many tasks loses nothing`() async throws {
        let counter = self.metrics.counter("y_total", "Y.")
        let times = self.metrics.histogram("y_seconds", "Y.")
        await withTaskGroup(of: Void.self) { tasks in
            for _ in 0..<8 {
                tasks.addTask {
                    for _ in 0..<10_000 {
                        counter.increment()
                        times.observe(seconds: .milliseconds(3))
                    }
                }
            }
        }
        #expect(counter.value == 80_000)
        let page = try Exposition(self.metrics.prometheusText())
        #expect(try #require(page.value("y_seconds_sum")) > 239.9 && page.value("y_seconds_count") == 80_000)
        #expect(self.metrics.prometheusText().contains("\ny_seconds_count 80000\n"))
    }

    @Test func `a strict reader finds nothing to object to, whatever stands in labels and help`() throws {
        let odd = ["", " ", "a\"b", "\\", "\\n", "\n", "{}", "a=\"b\",", "é"]
        let counter = self.metrics.counter("odd_total", "Odd \\ help\nin \"two\" lines.", labels: ["a", "b"])
        let times = self.metrics.histogram("odd_seconds", "", labels: ["a"])
        for text in odd {
            counter.cell(text, "x").increment()
            times.cell(text).observe(0.2)
        }
        let scaled = self.metrics.counter("scaled_total", "Scaled.", labels: ["a"], dividedBy: 1e9)
        scaled.cell("x").increment(by: 1_500_000_000)
        let page = try Exposition(self.metrics.prometheusText())
        for text in odd {
            #expect(page.value("odd_total", ["a": text, "b": "x"]) == 1, "\(text)")
            #expect(page.value("odd_seconds_bucket", ["a": text, "le": "0.25"]) == 1, "\(text)")
        }
        #expect(page.value("scaled_total", ["a": "x"]) == 1.5)
    }

    @Test(arguments: [
        "a 1", "# TYPE a counter\na 1\n", "# HELP a\n# TYPE a counter\na 1\na 2\n", "# HELP a\n# TYPE a counter\nb 1\n",
        "# HELP a\n# TYPE a counter\na -1\n", "# HELP a\n# TYPE a gauge\na{b=c} 1\n",
        "# HELP a\n# TYPE a gauge\na{b=\"\\t\"} 1\n", "# HELP a\n# TYPE a gauge\na\n",
        "# HELP a\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
        "# HELP a\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
    ]) func `the strict reader is strict`(text: String) {
        #expect(throws: Exposition.Flaw.self) { try Exposition(text) }
    }

    @Test func `a name declared twice, or that Prometheus would refuse, is a defect`() async {
        await #expect(processExitsWith: .failure) {
            let metrics = MetricRegistry()
            _ = metrics.counter("same", "")
            _ = metrics.gauge("same", "")
        }
        await #expect(processExitsWith: .failure) { _ = MetricRegistry().counter("not-a-name", "") }
    }
}
