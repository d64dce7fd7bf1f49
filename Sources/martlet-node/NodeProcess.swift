import DataPlane
import Domain
import FoundationEssentials
import Logging
import NIOCore
import Platform
import ServiceLifecycle
import Wire

/// A node put together: values first, then services, started top to bottom and stopped bottom to top.
struct NodeProcess {
    static let version = "0.1.0"

    private let settings: NodeSettings
    private let logger: Logger
    private let readiness = Readiness()
    private let metrics = MetricRegistry()
    private let holder = SnapshotHolder()
    private let statusBell = Bell()
    private let secretsBell = Bell()
    private let leaseBell = Bell()
    private let lock: DirectoryLock
    private let file: IdentityFile
    private let files: SnapshotFiles
    private let credentials: SealedCredentials
    private let client: OutgoingClient
    private let spool: Spool
    private let boot: ID<Boot>
    private let traffic: NodeTraffic
    private let state: NodeState

    init(_ settings: NodeSettings, _ logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        self.lock = try DirectoryLock(settings.data)
        self.file = IdentityFile(directory: settings.data)
        self.files = try SnapshotFiles(in: settings.data)
        let local = try SealedCredentials.Local(
            variables: settings.providerVariables,
            files: settings.providerFiles,
            environment: ProcessInfo.processInfo.environment
        )
        self.credentials = SealedCredentials(local: local, directory: settings.data)
        self.client = OutgoingClient(OutgoingOptions(userAgent: "martlet-node/\(Self.version)"))
        self.boot = Self.newBoot()
        self.spool = try Spool.open(
            at: "\(settings.data)/spool",
            boot: self.boot,
            loops: settings.threads,
            startedAt: Timestamp(unixMilliseconds: WallClock.unixMilliseconds()),
            machine: MachineStart.id()
        )
        self.traffic = NodeTraffic(
            snapshots: self.holder,
            credentials: self.credentials,
            recorder: self.spool,
            leases: Leases(bell: self.leaseBell),
            limits: LimitGate(bell: self.leaseBell),
            readiness: self.readiness,
            metrics: self.metrics,
            logger: self.logger,
            pool: settings.upstream.pool,
            places: settings.places
        )
        ProcessMetrics.declare(in: self.metrics)
        let spool = self.spool
        self.state = NodeState(
            self.metrics,
            traffic: self.traffic,
            spool: { spool.report() },
            readiness: self.readiness
        )
        self.readiness.unmet("snapshot", because: "none has been verified yet")
    }

    func run() async throws {
        let group = EventLoops.start(self.settings.threads)
        let listener = Listener(
            at: self.settings.traffic,
            self.traffic,
            upstream: SocketConnector(trust: self.settings.upstream.trust, proxies: self.settings.upstream.proxies),
            on: group,
            certificate: self.settings.certificate,
            drainTimeout: self.settings.drain.timeout
        )
        let services: [any Service] = [
            OperationsServer(at: self.settings.operations, self.readiness, self.metrics, logger: self.logger),
            CertificateReloader(self.settings.reloaded, logger: self.logger),
            self.client,
            Membership(try self.membership()),
            UsageWriter(self.spool, logger: self.logger),
            listener,
        ]
        try await Daemon(self.readiness, self.settings.drain, logger: self.logger).run(services)
        let spool = self.spool.report()
        self.logger.info(
            "usage spool closed",
            metadata: ["usage.acked": "\(spool.ackedThrough)", "usage.durable": "\(spool.durableThrough)"]
        )
        try await group.shutdownGracefully()
    }

    /// 64 random bits: two boots of one node never share a stream.
    private static func newBoot() -> ID<Boot> {
        let bytes = (0..<8).map { _ in UInt8.random(in: .min ... .max) }
        guard let boot = ID<Boot>(Hex.encode(bytes)) else { preconditionFailure("hexadecimal digits are an id") }
        return boot
    }

    // MARK: - With the control plane

    private func membership() throws -> Membership.Start {
        if case .joined(let identity) = try self.file.load() { return .member(try self.parts(identity)) }
        guard let token = self.settings.joinToken else {
            throw StartupFault(
                .configuration,
                "\(self.settings.data) has not joined a control plane: give --join with a token of 'martlet nodes token'"
            )
        }
        let enrolment = Enrolment(
            file: self.file,
            sources: self.settings.sources,
            client: self.client,
            name: self.settings.name,
            version: Self.version,
            logger: self.logger
        )
        return .joining { try self.parts(try await enrolment.join(with: token)) }
    }

    /// What runs on the control channel. What lies on disk is verified and served here, before anything is asked.
    private func parts(_ identity: NodeIdentity) throws -> [Membership.Part] {
        let ban = Ban(
            file: self.file,
            credentials: self.credentials,
            holder: self.holder,
            leases: self.traffic.leases,
            readiness: self.readiness,
            logger: self.logger
        )
        let channel = ControlChannel(
            identity,
            boot: self.boot,
            sources: self.settings.sources,
            client: self.client,
            onBan: ban.execute
        )
        do {
            try self.credentials.load(for: identity)
        } catch {
            self.logger.warning("stored secrets are asked for again", metadata: ["reason": "\(error)"])
        }
        let snapshots = try self.snapshots(channel, ban)
        self.state.watch { snapshots.status }
        let secrets = SecretFetcher(self.credentials, bell: self.secretsBell, logger: self.logger)
        let sender = UsageSender(self.spool, logger: self.logger, epoch: { snapshots.status.version?.epoch })
        let leases = LeaseClient(
            self.traffic.leases,
            self.traffic.limits,
            nodes: { snapshots.liveNodes },
            bell: self.leaseBell,
            logger: self.logger
        )
        let reporter = StatusReporter(bell: self.statusBell, logger: self.logger, onDrain: self.drain) {
            self.status(snapshots.status)
        }
        return [
            { try await snapshots.run() }, { await secrets.run(on: channel) }, { await reporter.run(on: channel) },
            { await sender.run(on: channel) }, { await leases.run(on: channel) },
        ]
    }

    private func snapshots(_ channel: ControlChannel, _ ban: Ban) throws -> SnapshotService {
        let identity = channel.identity
        if try self.files.roots() == nil { try self.files.store(roots: identity.roots) }
        let restart = try SnapshotRestart(
            from: self.files,
            pin: self.settings.trust ?? identity.rootPin,
            floor: identity.floor,
            at: Timestamp(unixMilliseconds: WallClock.unixMilliseconds())
        )
        let changed: @Sendable () -> Void = {
            self.secretsBell.ring()
            self.statusBell.ring()
        }
        return SnapshotService(
            files: self.files,
            restart: restart,
            node: identity.node,
            sources: channel,
            holder: self.holder,
            readiness: self.readiness,
            listeners: .init(changed: changed, banned: ban.execute),
            logger: self.logger
        )
    }

    private func drain() {
        guard !self.readiness.isDraining else { return }
        self.logger.notice("the control plane asks this node to drain")
        Daemon.askToEnd()
    }

    private func status(_ snapshots: SnapshotStatus) -> NodeStatus {
        let spool = self.spool.report()
        return NodeStatus(
            version: Self.version,
            snapshot: snapshots.version,
            manifest: snapshots.manifest,
            freshUntil: snapshots.freshUntil,
            refused: snapshots.refused,
            spooled: spool.writtenThrough - min(spool.ackedThrough, spool.writtenThrough),
            openExchanges: self.traffic.exchangesInFlight,
            isDraining: self.readiness.isDraining,
            secrets: self.credentials.names,
            warnings: spool.warnings
        )
    }
}
