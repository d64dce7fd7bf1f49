import ArgumentParser
import Foundation
import NIOCore
import NIOPosix

/// `martlet-simulator load`: asks a server for chat completions, and prints what it saw as JSON.
struct Load: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask for chat completions at full speed or at a steady rate, and report.",
        discussion: """
            With --requests or --seconds alone each connection asks again as soon as it is answered. With --rate requests \
            come due steadily, and each latency is measured from then, whenever the request could be sent. With --hold \
            every connection opens a stream, which is kept open; `holding N streams` is printed when all flow.

            SIGINT and SIGTERM end a load early, with its report. Latencies are in microseconds. The exit code is 1 if any request failed, 69 if nobody answers.
            """
    )

    @Option(help: "Where to ask, e.g. http://127.0.0.1:8480/v1/chat/completions.") var url: String
    @Option(help: "API key. Default: the environment's MARTLET_KEY.") var key: String?
    @Option(help: "Model or route.") var model = "sim"
    @Option(help: "Knobs for the simulated provider, in the request's metadata.") var knobs = ""
    @Option(help: "Bytes of the request's body.") var bodyBytes = 1_024
    @Flag(help: "Ask for streams, and read each to its end marker.") var stream = false
    @Flag(help: "Open a stream on each connection and keep it open for --seconds.") var hold = false
    @Option(help: "Hang up on each stream after so many events.") var hangUpAfter: Int?
    @Option(help: "Connections.") var connections = 64
    @Option(help: "Requests in all.") var requests: Int?
    @Option(help: "How long to ask.") var seconds: Double?
    @Option(help: "Requests a second that come due.") var rate: Double?
    @Option(help: "Seconds after which a request has failed.") var timeout = 60.0
    @Option(help: "Event loops.") var threads = 1
    @Flag(help: "Exit with 0 even if requests failed.") var allowErrors = false

    private static let nanoseconds = 1e9
    /// What does not overflow in nanoseconds, and more than anybody waits.
    private static let secondsMax = 1e6
    private static let unavailable: Int32 = 69

    func validate() throws {
        guard (1...100_000).contains(self.connections) else { throw ValidationError("--connections is 1 to 100000") }
        guard (1...64).contains(self.threads), self.threads <= self.connections else {
            throw ValidationError("--threads is 1 to 64, and no more than --connections")
        }
        guard (1...(64 << 20)).contains(self.bodyBytes) else { throw ValidationError("--body-bytes is 1 to 64 MiB") }
        for (name, value) in [("timeout", self.timeout), ("seconds", self.seconds ?? 1), ("rate", self.rate ?? 1)] {
            guard value > 0, value <= Self.secondsMax else {
                throw ValidationError("--\(name) is over 0, at most \(Int(Self.secondsMax))")
            }
        }
        if let events = self.hangUpAfter {
            guard self.stream, !self.hold, events > 0 else {
                throw ValidationError("--hang-up-after goes with --stream")
            }
        }
        _ = try self.shape()
        _ = try Target(self.url)
    }

    func run() async throws {
        let plan = try self.plan()
        Interrupt.watch()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: self.threads)
        do {
            let tally = try await Self.run(plan, on: group, threads: self.threads)
            try await group.shutdownGracefully()
            print(try LoadReport(tally).json())
            if tally.failed > 0, !self.allowErrors { throw ExitCode.failure }
        } catch let fault as LoadShare.CannotConnect {
            FileHandle.standardError.write(Data("cannot connect to \(self.url): \(fault.reason)\n".utf8))
            throw ExitCode(Self.unavailable)
        }
    }

    private static func run(
        _ plan: LoadPlan,
        on group: MultiThreadedEventLoopGroup,
        threads: Int
    ) async throws -> Tally {
        try await withThrowingTaskGroup(of: Tally.self) { tasks in
            for number in 0..<threads {
                let loop = group.next()
                tasks.addTask { try await LoadShare.run(plan.share(number, of: threads), on: loop) }
            }
            var total = Tally()
            for try await tally in tasks { total.add(tally) }
            return total
        }
    }

    private func plan() throws -> LoadPlan {
        let target = try Target(self.url)
        let isStream = self.stream || self.hold
        return LoadPlan(
            host: target.host,
            port: target.port,
            request: LoadRequest.message(
                host: target.authority,
                path: target.path,
                key: self.key ?? ProcessInfo.processInfo.environment["MARTLET_KEY"],
                body: try LoadRequest.body(
                    model: self.model,
                    knobs: self.knobs,
                    isStream: isStream,
                    bytes: self.bodyBytes
                )
            ),
            isStream: isStream,
            hangUpAfter: self.hangUpAfter,
            connections: self.connections,
            shape: try self.shape(),
            timeoutNanoseconds: Int64(self.timeout * Self.nanoseconds)
        )
    }

    private func shape() throws -> LoadPlan.Shape {
        let length = self.seconds.map { Int64($0 * Self.nanoseconds) }
        switch (self.hold, self.rate, self.requests, length) {
        case (true, nil, nil, .some(let length)):
            guard self.threads == 1 else { throw ValidationError("--hold takes one of --threads") }
            return .held(nanoseconds: length)
        case (true, _, _, _): throw ValidationError("--hold goes with --seconds alone")
        case (false, .some(let rate), nil, .some):
            return .open(Pace(perSecond: rate), count: max(1, Int(rate * (self.seconds ?? 0))))
        case (false, .some, _, _): throw ValidationError("--rate goes with --seconds alone")
        case (false, nil, .some(let requests), nil) where requests > 0: return .closed(.requests(requests))
        case (false, nil, nil, .some(let length)): return .closed(.nanoseconds(length))
        case (false, nil, _, _): throw ValidationError("say how much: --requests N or --seconds S")
        }
    }
}
