import Domain
import Foundation
import NIOCore
import NIOPosix
import Platform
import Synchronization
import TestSupport
import Testing

@testable import DataPlane

/// Answers look-ups when the test says so.
private final class ScriptedLookup: NameLookup {
    private let gate = DispatchSemaphore(value: 0)
    private let answers: Mutex<[Result<[HostAddress], AddressBook.Failure>]>
    private let asked = Atomic<Int>(0)

    init(_ answers: [Result<[HostAddress], AddressBook.Failure>]) { self.answers = Mutex(answers) }

    var count: Int { self.asked.load(ordering: .relaxed) }

    func letOneEnd() { self.gate.signal() }

    func addresses(of name: String) -> Result<[HostAddress], AddressBook.Failure> {
        self.asked.wrappingAdd(1, ordering: .relaxed)
        self.gate.wait()
        return self.answers.withLock { $0.isEmpty ? .failure(.unavailable) : $0.removeFirst() }
    }
}

private final class SetClock: Sendable {
    private let milliseconds = Atomic<Int64>(0)
    var now: Tick { Tick(nanoseconds: 0).advanced(milliseconds: self.milliseconds.load(ordering: .relaxed)) }
    func set(_ value: Int64) { self.milliseconds.store(value, ordering: .relaxed) }
}

@Suite struct NameResolverTests {
    private let loop = NIOSingletons.posixEventLoopGroup.next()
    private let clock = SetClock()
    private let addresses = [HostAddress(literal: "127.0.0.1"), HostAddress(literal: "::1")].compactMap(\.self)

    private func resolver(_ lookup: ScriptedLookup) -> NameResolver {
        NameResolver(lookup: lookup, now: { [clock] in clock.now })
    }

    @Test func `all who wait for a name have the answer of one look-up`() async throws {
        let lookup = ScriptedLookup([.success(self.addresses)])
        let resolver = self.resolver(lookup)
        let waiting = (0..<100).map { _ in resolver.addresses(of: "a.test", on: self.loop) }
        lookup.letOneEnd()
        for one in waiting { #expect(try await one.get() == self.addresses) }
        #expect(lookup.count == 1)
    }

    @Test func `an old answer is given at once while the resolver hangs`() async throws {
        let lookup = ScriptedLookup([.success(self.addresses)])
        let resolver = self.resolver(lookup)
        let first = resolver.addresses(of: "a.test", on: self.loop)
        lookup.letOneEnd()
        _ = try await first.get()
        self.clock.set(500_000)
        for _ in 0..<10 { #expect(try await resolver.addresses(of: "a.test", on: self.loop).get() == self.addresses) }
        try await eventually("the second look-up has begun") { lookup.count == 2 }
        lookup.letOneEnd()
        #expect(try await resolver.addresses(of: "a.test", on: self.loop).get() == self.addresses)
    }

    @Test func `a name without an address fails as one, and at once the second time`() async throws {
        let lookup = ScriptedLookup([.failure(.absent)])
        let resolver = self.resolver(lookup)
        let first = resolver.addresses(of: "a.test", on: self.loop)
        lookup.letOneEnd()
        await #expect(throws: ConnectFailure.unresolved) { try await first.get() }
        await #expect(throws: ConnectFailure.unresolved) {
            try await resolver.addresses(of: "a.test", on: self.loop).get()
        }
        #expect(lookup.count == 1)
    }

    @Test func `who waits is bounded; one more is told at once`() async throws {
        let lookup = ScriptedLookup([.success(self.addresses)])
        let resolver = self.resolver(lookup)
        let waiting = (0..<4_096).map { _ in resolver.addresses(of: "a.test", on: self.loop) }
        await #expect(throws: ConnectFailure.unresolved) {
            try await resolver.addresses(of: "a.test", on: self.loop).get()
        }
        lookup.letOneEnd()
        for one in waiting { _ = try await one.get() }
    }

    @Test func `happy eyeballs are asked with what is known, by kind`() async throws {
        let known = KnownAddresses(addresses: self.loop.makeSucceededFuture(self.addresses))
        #expect(try await known.initiateAQuery(host: "", port: 1).get().map(\.description) == ["[IPv4]127.0.0.1:1"])
        #expect(try await known.initiateAAAAQuery(host: "", port: 1).get().map(\.description) == ["[IPv6]::1:1"])
    }

    @Test func `the system knows this machine by name, and not what cannot be`() throws {
        let found = try SystemLookup().addresses(of: "localhost").get()
        #expect(!found.isEmpty && found.allSatisfy(\.isLoopback))
        #expect(throws: AddressBook.Failure.self) { try SystemLookup().addresses(of: "no.such.invalid").get() }
    }
}

@Suite struct ResolvedProviderTests {
    private static func ask(_ texts: [String], port: Int) async throws -> String {
        let lookup = ScriptedLookup([.success(texts.compactMap { HostAddress(literal: $0) })])
        lookup.letOneEnd()
        let connector = SocketConnector(trust: try .init(), names: NameResolver(lookup: lookup))
        let (replies, told) = AsyncStream.makeStream(of: String.self)
        try await RunningNode.with(.at(port, host: "provider.test"), upstream: connector) { node in
            try await Sockets.withClient(to: node.port) { client in
                try await client.send(HTTP.post(Chat.request()))
                if let reply = try await client.message() { told.yield(reply.head + reply.body) }
            }
        }
        told.finish()
        for await reply in replies { return reply }
        return ""
    }

    @Test func `a provider is found at whichever of its addresses answers, and forbidden ones are left out`()
        async throws
    {
        try await Sockets.withServer { provider in
            while try await provider.message() != nil { try await provider.send(HTTP.json(Chat.reply)) }
        } _: { port in
            for texts in [["127.0.0.1"], ["::1", "127.0.0.1"], ["169.254.169.254", "127.0.0.1"]] {
                let reply = try await Self.ask(texts, port: port)
                #expect(reply.hasPrefix("HTTP/1.1 200 "), "\(texts)")
            }
        }
    }

    @Test func `a name that leads only to forbidden addresses is not connected to, and the caller is told`()
        async throws
    {
        for texts in [["169.254.169.254"], ["fe80::1", "0.0.0.0"], ["::ffff:169.254.169.254"]] {
            let reply = try await Self.ask(texts, port: 80)
            #expect(reply.hasPrefix("HTTP/1.1 502 ") && reply.contains("link-local"), "\(texts): \(reply)")
        }
    }

    @Test func `a link-local address in a snapshot is not connected to`() async throws {
        try await RunningNode.with(.at(80, host: "169.254.169.254")) { node in
            try await Sockets.withClient(to: node.port) { client in
                try await client.send(HTTP.post(Chat.request()))
                let reply = try #require(try await client.message())
                #expect(reply.head.hasPrefix("HTTP/1.1 502 ") && reply.body.contains("link-local"))
            }
            #expect(node.recorder.all.ended.allSatisfy { $0.cost == .zero && $0.upstreamStatus == nil })
        }
    }
}
