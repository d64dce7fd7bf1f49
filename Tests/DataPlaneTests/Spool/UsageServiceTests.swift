import Domain
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import DataPlane

@Suite struct `The spool at work` {
    /// A control plane that is away for the first calls.
    private final class Channel: UsageChannel {
        private let state: Mutex<(control: ModelControlPlane, refusals: Int)>

        init(refusals: Int) { self.state = Mutex((ModelControlPlane(), refusals)) }

        struct Away: Error {}

        func sendUsage(_ batch: [UInt8]) async throws -> UsageAnswer {
            try self.state.withLock { state in
                guard state.refusals == 0 else {
                    state.refusals -= 1
                    guard state.refusals.isMultiple(of: 2) else { throw Away() }
                    return .notNow(retryAfterMilliseconds: 1)
                }
                return .reply(try state.control.take(batch))
            }
        }

        var control: ModelControlPlane { self.state.withLock { $0.control } }

        /// Set back to a backup from before anything came.
        func restore() { self.state.withLock { $0.control = ModelControlPlane() } }

        /// From now on it refuses so often.
        func refuse(_ times: Int) { self.state.withLock { $0.refusals = times } }

        var refusals: Int { self.state.withLock { $0.refusals } }
    }

    private final class Epoch: Sendable {
        private let value = Mutex<UInt64>(1)

        var current: UInt64 { self.value.withLock { $0 } }

        func raise() { self.value.withLock { $0 += 1 } }
    }

    private struct Sending: Service {
        let sender: UsageSender
        let channel: Channel

        func run() async throws { await self.sender.run(on: self.channel) }
    }

    private func spool(_ folder: TemporaryFolder, boot: String) throws -> Spool {
        var limits = SpoolLimits()
        limits.lingerMilliseconds = 10
        return try Spool.open(
            at: folder.path + "/usage",
            boot: try #require(ID(boot)),
            loops: 1,
            startedAt: Timestamp(unixMilliseconds: 1),
            machine: "machine-1",
            limits: limits
        )
    }

    @Test func `sends the last boot's stream and its own, and a shutdown closes and sends what is left`() async throws {
        let folder = try TemporaryFolder()
        _ = try self.spool(folder, boot: "boot-1").begin(try .fixture(1, outcome: .lost), onLoop: 0)
        let spool = try self.spool(folder, boot: "boot-2")
        let channel = Channel(refusals: 3)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(
            services: [
                Sending(
                    sender: UsageSender(spool, logger: logger, drainTimeout: .seconds(60)) { $0.lowerBound },
                    channel: channel
                ),
                UsageWriter(spool, logger: logger),
            ],
            logger: logger
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            spool.end(spool.begin(try .fixture(2, outcome: .lost), onLoop: 0), try .fixture(2))
            try await eventually(within: .seconds(60), "both boots' events arrive") {
                channel.control.events.count == 2
            }
            spool.deny(try .fixture(3, attempt: 0, outcome: .denied))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        let expected = [
            try UsageEvent.fixture(1, outcome: .lost), try .fixture(2), try .fixture(3, attempt: 0, outcome: .denied),
        ]
        #expect(channel.control.events == expected)
        #expect(channel.control.streams.values.filter { $0.isClosed }.count == 2)
        #expect(try self.spool(folder, boot: "boot-3").report().previousEnd == .clean)
    }

    @Test func `a raised epoch has everything offered again, also by boots that are over`() async throws {
        let folder = try TemporaryFolder()
        _ = try self.spool(folder, boot: "boot-1").begin(try .fixture(1, outcome: .lost), onLoop: 0)
        let spool = try self.spool(folder, boot: "boot-2")
        let (channel, epoch) = (Channel(refusals: 0), Epoch())
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let sender = UsageSender(
            spool,
            logger: logger,
            drainTimeout: .seconds(60),
            draw: { $0.lowerBound },
            epoch: { epoch.current }
        )
        let services: [any Service] = [
            Sending(sender: sender, channel: channel), UsageWriter(spool, logger: logger),
        ]
        let group = ServiceGroup(services: services, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            spool.end(spool.begin(try .fixture(2, outcome: .lost), onLoop: 0), try .fixture(2))
            for _ in 1...2 {
                try await eventually(within: .seconds(60), "both boots' events arrive") {
                    channel.control.events == [try .fixture(1, outcome: .lost), try .fixture(2)]
                }
                channel.restore()
                epoch.raise()
            }
            try await eventually(within: .seconds(60), "they arrive again") { channel.control.events.count == 2 }
            // What is known already is dropped: nothing is counted twice.
            epoch.raise()
            spool.deny(try .fixture(3, attempt: 0, outcome: .denied))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(channel.control.events.count == 3)
        #expect(channel.control.streams.values.filter { $0.isClosed }.count == 2)
    }

    /// A process that sends until `isEnough`, and is killed then.
    private func send(
        _ spool: Spool,
        to channel: Channel,
        under epoch: Epoch,
        until isEnough: @escaping () throws -> Bool
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let sender = UsageSender(spool, logger: logger, draw: { $0.lowerBound }, epoch: { epoch.current })
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await sender.run(on: channel) }
            do {
                try await eventually(within: .seconds(60), "it has sent what it should") { try isEnough() }
            } catch {
                Issue.record(error)
            }
            tasks.cancelAll()
        }
    }

    @Test func `killed while it offers again what it had sent before a restore, it does so after its restart`()
        async throws
    {
        let folder = try TemporaryFolder()
        let (channel, epoch) = (Channel(refusals: 0), Epoch())
        _ = try self.spool(folder, boot: "boot-1").begin(try .fixture(1, outcome: .lost), onLoop: 0)
        let sending = try self.spool(folder, boot: "boot-2")
        try await self.send(sending, to: channel, under: epoch) {
            try sending.offeredEpoch() == 1 && sending.streams().count == 1
        }
        #expect(channel.control.events.count == 1)

        channel.restore()
        channel.refuse(1_000_000)
        epoch.raise()
        let killed = try self.spool(folder, boot: "boot-3")
        // It began to offer.
        try await self.send(killed, to: channel, under: epoch) { channel.refusals < 1_000_000 }
        #expect(try killed.offeredEpoch() == 1)

        channel.refuse(0)
        let next = try self.spool(folder, boot: "boot-4")
        try await self.send(next, to: channel, under: epoch) { try next.offeredEpoch() == 2 }
        #expect(channel.control.events == [try .fixture(1, outcome: .lost)])
        #expect(channel.control.streams.values.filter { $0.isClosed }.count == 3)
    }

    @Test func `what the disk says of an epoch counts only if it is whole`() throws {
        let folder = try TemporaryFolder()
        let spool = try self.spool(folder, boot: "boot-1")
        #expect(try spool.offeredEpoch() == nil)
        try spool.keepOffered(.max)
        #expect(try spool.offeredEpoch() == .max)
        try spool.disk.replace("\(folder.path)/usage/offered.epoch", with: Array("martlet-offered 2\n7\n".utf8))
        #expect(try spool.offeredEpoch() == nil)
        // It is no boot's folder to those who come after.
        #expect(try self.spool(folder, boot: "boot-2").report().startTrouble == nil)
    }

    @Test func `a mark moves once all was offered, and once only`() {
        var mark = EpochMark(offered: 3)
        #expect([mark.raise(to: nil), mark.raise(to: 3), mark.raise(to: 2)] == [false, false, false])
        #expect(mark.finishOffering() == nil)
        #expect([mark.raise(to: 5), mark.raise(to: 5), mark.raise(to: 4)] == [true, false, false])
        #expect([mark.finishOffering(), mark.finishOffering()] == [5, nil])
        // Without a mark nobody knows what was offered.
        var fresh = EpochMark(offered: nil)
        #expect([fresh.raise(to: 1), fresh.raise(to: 1)] == [true, false])
    }
}
