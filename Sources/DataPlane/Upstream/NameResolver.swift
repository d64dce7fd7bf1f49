internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The addresses of providers' names, known to all event loops of a node: the shell around an `AddressBook`.
///
/// Asked only when a connection is opened, so its lock is not on the way of a request that finds one idle.
package final class NameResolver: Sendable {
    /// Connections that wait for one name; one more is told at once that there is no address.
    private static let waitersMax = 4_096
    /// A look-up may take a resolver's whole patience (10 s and more) and cannot be cut short; so many names may hang
    /// before others have to wait.
    private static let threadsMax = 4

    /// Never stopped, as look-ups cannot be interrupted: a process that ends does not wait for them.
    private static let threads = NIOThreadPool._makePerpetualStartedPool(
        numberOfThreads: NameResolver.threadsMax,
        threadNamePrefix: "names"
    )

    private struct State {
        var book: AddressBook
        var waiters: [String: [EventLoopPromise<[HostAddress]>]] = [:]
    }

    private let state: Mutex<State>
    private let lookup: any NameLookup
    private let now: @Sendable () -> Tick

    package convenience init() { self.init(lookup: SystemLookup()) }

    init(
        _ bounds: AddressBook.Bounds = .init(),
        lookup: any NameLookup,
        now: @escaping @Sendable () -> Tick = { Tick(.now()) }
    ) {
        self.state = Mutex(State(book: AddressBook(bounds)))
        self.lookup = lookup
        self.now = now
    }

    /// Never empty; fails with a `ConnectFailure`. Succeeds at once where the name is known.
    func addresses(of name: String, on loop: any EventLoop) -> EventLoopFuture<[HostAddress]> {
        let promise = loop.makePromise(of: [HostAddress].self)
        let (answer, looksUp) = self.state.withLock { state in
            var (answer, looksUp) = state.book.ask(name, now: self.now())
            if answer == .pending {
                if state.waiters[name]?.count ?? 0 < Self.waitersMax {
                    state.waiters[name, default: []].append(promise)
                } else {
                    answer = .none
                }
            }
            return (answer, looksUp)
        }
        if looksUp { self.lookUp(name) }
        switch answer {
        case .addresses(let addresses): promise.succeed(addresses)
        case .none: promise.fail(ConnectFailure.unresolved)
        case .pending: break  // told by `lookUp`
        }
        return promise.futureResult
    }

    /// Nobody answered at the addresses of this name.
    func doubt(_ name: String) { self.state.withLock { $0.book.doubt(name) } }

    private func lookUp(_ name: String) {
        Self.threads.submit { _ in
            let result = self.lookup.addresses(of: name)
            let (answer, waiters) = self.state.withLock { state in
                let now = self.now()
                switch result {
                case .success(let addresses): state.book.found(addresses, of: name, now: now)
                case .failure(let failure): state.book.failed(failure, of: name, now: now)
                }
                return (state.book.answer(for: name, now: now), state.waiters.removeValue(forKey: name) ?? [])
            }
            for waiter in waiters {
                if case .addresses(let addresses) = answer {
                    waiter.succeed(addresses)
                } else {
                    waiter.fail(ConnectFailure.unresolved)
                }
            }
        }
    }
}

/// The answers for one connection, as NIO's happy eyeballs (RFC 8305) ask for them.
struct KnownAddresses: Resolver {
    let addresses: EventLoopFuture<[HostAddress]>

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        self.addresses.flatMapThrowing { try $0.filter { !$0.isV6 }.map { try $0.socketAddress(port: port) } }
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        self.addresses.flatMapThrowing { try $0.filter(\.isV6).map { try $0.socketAddress(port: port) } }
    }

    /// The look-up goes on: the next who asks will be glad of it.
    func cancelQueries() {}
}

extension Tick {
    init(_ deadline: NIODeadline) { self.init(nanoseconds: Int64(clamping: deadline.uptimeNanoseconds)) }
}
