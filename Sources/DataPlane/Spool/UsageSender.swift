import Domain
package import Logging
import NIOCore
import NIOPosix
import Platform
import ServiceLifecycle
import Wire

/// Where batches go: the signed control channel, or a test's control plane.
package protocol UsageChannel: Sendable {
    /// Sends one batch as `POST /node/v1/usage`. Throws where no answer came.
    func sendUsage(_ batch: [UInt8]) async throws -> UsageAnswer
}

package enum UsageAnswer: Hashable, Sendable {
    case reply(UploadReply)
    /// Any other status, such as 429 or 503.
    case notNow(retryAfterMilliseconds: Int64?)
}

/// Sends the streams of the spool in order, oldest boot first, until told to stop; then what is left, as long as
/// `drainTimeout` allows. What it cannot send stays on disk for the next start.
package struct UsageSender: Sendable {
    private let spool: Spool
    private let logger: Logger
    private let drainTimeout: Duration
    private let draw: @Sendable (ClosedRange<Int64>) -> Int64
    /// Of the snapshot in force; nil before the first.
    private let epoch: @Sendable () -> UInt64?
    /// How soon news from the writer, or the wish to stop, are seen.
    private static let pollMilliseconds: Int64 = 50
    /// The same with nothing to send: a batch waits longer than this for company anyhow.
    private static let restMilliseconds: Int64 = 200
    private let clock = ContinuousClock()

    package init(
        _ spool: Spool,
        logger: Logger,
        drainTimeout: Duration = .seconds(10),
        draw: @escaping @Sendable (ClosedRange<Int64>) -> Int64 = { Int64.random(in: $0) },
        epoch: @escaping @Sendable () -> UInt64? = { nil }
    ) {
        self.spool = spool
        self.logger = logger
        self.drainTimeout = drainTimeout
        self.epoch = epoch
        self.draw = draw
    }

    package func run(on channel: some UsageChannel) async {
        let isStopping = ShutdownFlag()
        await withGracefulShutdownHandler {
            let run = Run(channel: channel, start: self.clock.now, isStopping: isStopping)
            var mark = await self.epochMark()
            var streams = self.spool.streams()
            while let stream = streams.first {
                switch await self.send(stream, run, &mark) {
                case .over: streams.removeFirst()
                case .stopped: return
                case .restored: streams = self.spool.streamsAgain()
                }
            }
            // Done before it was told to stop: the writer has closed the stream, or it is fenced. To end unasked would
            // look like a failure.
            while !isStopping.isRaised, await self.clock.pause(milliseconds: Self.restMilliseconds) {}
        } onGracefulShutdown: {
            isStopping.raise()
        }
    }

    /// What stays the same for a whole run.
    private struct Run {
        let channel: any UsageChannel
        let start: ContinuousClock.Instant
        let isStopping: ShutdownFlag
    }

    private struct Sending {
        let stream: Spool.Stream
        var machine: UploadMachine
        var feed: StreamFeed
        var deadline: ContinuousClock.Instant?
    }

    private enum Ending {
        /// Nothing more of this stream is to be sent.
        case over
        /// Time or the task is up.
        case stopped
        /// The control plane was restored from a backup: what it had may be gone.
        case restored
    }

    private func send(_ stream: Spool.Stream, _ run: Run, _ mark: inout EpochMark) async -> Ending {
        var sending = Sending(
            stream: stream,
            machine: UploadMachine(
                ackedThrough: stream.acked,
                durableThrough: stream.durable,
                last: stream.last,
                lingerMilliseconds: self.spool.limits.lingerMilliseconds
            ),
            feed: StreamFeed(stream.folder, on: self.spool.disk)
        )
        // Where nothing is waited for, nothing else would see that the task is over.
        while !Task.isCancelled {
            if run.isStopping.isRaised {
                sending.machine.hurry()
                let deadline = sending.deadline ?? self.clock.now.advanced(by: self.drainTimeout)
                sending.deadline = deadline
                guard self.clock.now < deadline else { return .stopped }
            } else if mark.raise(to: self.epoch()) {
                return .restored
            }
            let now = self.now(run)
            if stream.folder.boot == self.spool.boot {
                let current = self.spool.current()
                sending.machine.grew(to: current.durable, last: current.last, at: now)
                // Streams are sent oldest boot first and ours is last: once what ours held when offering began is
                // acknowledged, all was offered. What came since is news, and need not be waited for.
                if sending.machine.ackedThrough >= stream.durable { await self.keepOffered(&mark) }
            }
            switch sending.machine.next(at: now) {
            case .done: return .over
            case .fenced:
                self.fenced(stream)
                return .over
            case .send(let from, let through): await self.send(from, through, &sending, run)
            case .wait(let until):
                guard await self.clock.pause(milliseconds: min(until - now, Self.pollMilliseconds)) else {
                    return .stopped
                }
            case .rest:
                guard await self.clock.pause(milliseconds: Self.restMilliseconds) else { return .stopped }
            }
        }
        return .stopped
    }

    private func now(_ run: Run) -> Int64 { (self.clock.now - run.start).milliseconds }

    private func send(_ from: UInt64, _ through: UInt64, _ sending: inout Sending, _ run: Run) async {
        // Reading blocks, so it has a thread for it.
        let threads = NIOSingletons.posixBlockingThreadPool
        do {
            let feed = sending.feed
            let (cut, after) = try await threads.runIfActive {
                var feed = feed
                return (try feed.cut(from: from, through: through), feed)
            }
            sending.feed = after
            sending.machine.sent(through: cut.through)
            if let lost = cut.lost { self.declare(lost, of: sending.stream) }
            switch try await run.channel.sendUsage(cut.batch.encoded()) {
            case .notNow(let retryAfter):
                sending.machine.failed(retryAfterMilliseconds: retryAfter, at: self.now(run), draw: self.draw)
            case .reply(let reply):
                sending.machine.replied(reply, at: self.now(run), draw: self.draw)
                let acked = sending.machine.ackedThrough
                let (spool, folder) = (self.spool, sending.stream.folder)
                try await threads.runIfActive { try spool.acknowledge(folder, through: acked) }
            }
        } catch {
            self.logger.debug("usage was not sent", metadata: ["error": "\(error)"])
            sending.machine.failed(at: self.now(run), draw: self.draw)
        }
    }

    /// A mark that cannot be read is none: what was offered is then offered again.
    private func epochMark() async -> EpochMark {
        let spool = self.spool
        do {
            return EpochMark(
                offered: try await NIOSingletons.posixBlockingThreadPool.runIfActive { try spool.offeredEpoch() }
            )
        } catch {
            self.logger.warning("usage may be offered again", metadata: ["error": "\(error)"])
            return EpochMark(offered: nil)
        }
    }

    /// Where the disk refuses, the next start offers all of it again.
    private func keepOffered(_ mark: inout EpochMark) async {
        guard let epoch = mark.finishOffering() else { return }
        let spool = self.spool
        do {
            try await NIOSingletons.posixBlockingThreadPool.runIfActive { try spool.keepOffered(epoch) }
        } catch {
            self.logger.warning("the next start offers usage again", metadata: ["error": "\(error)"])
        }
    }

    private func declare(_ lost: LostRange, of stream: Spool.Stream) {
        self.spool.note { $0.recordsLost += lost.last - lost.first + 1 }
        self.logger.warning(
            "usage records are declared lost",
            metadata: [
                "usage.boot": "\(stream.folder.boot)", "usage.first": "\(lost.first)", "usage.last": "\(lost.last)",
            ]
        )
    }

    private func fenced(_ stream: Spool.Stream) {
        self.spool.note { $0.isFenced = true }
        self.logger.critical(
            "the control plane has this usage stream from another writer too: is this node's data copied?",
            metadata: ["usage.boot": "\(stream.folder.boot)"]
        )
    }
}
