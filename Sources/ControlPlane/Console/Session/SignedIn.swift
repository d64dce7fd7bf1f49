import Domain
import Synchronization

/// The sessions of this process, and what sign-ins failed. They are in memory alone: whoever is signed in when the control
/// plane starts anew signs in again.
final class SignedIn: Sendable {
    private let book = Mutex(SessionBook())
    private let pace = Mutex(SignInPace())
    private let random: @Sendable (Int) -> [UInt8]

    private static let secretBytes = 32

    init(random: @escaping @Sendable (Int) -> [UInt8]) { self.random = random }

    /// Begins a session; the result is the cookie's value, which is kept nowhere here.
    func open(_ credential: Credential, at now: Timestamp) -> String {
        let cookie = Hex.encode(self.random(Self.secretBytes))
        let csrf = Hex.encode(self.random(Self.secretBytes))
        self.book.withLock { $0.open(Self.id(cookie), credential: credential, csrf: csrf, at: now) }
        return cookie
    }

    func use(_ cookie: String, at now: Timestamp) -> Session? {
        self.book.withLock { $0.use(Self.id(cookie), at: now) }
    }

    func close(_ cookie: String) { self.book.withLock { $0.close(Self.id(cookie)) } }

    func leave(_ word: String, in cookie: String) { self.book.withLock { $0.leave(word, in: Self.id(cookie)) } }

    func takeWord(_ cookie: String) -> String? { self.book.withLock { $0.takeWord(Self.id(cookie)) } }

    func wait(_ address: String, at now: Timestamp) -> Int64? { self.pace.withLock { $0.wait(address, at: now) } }

    func failed(_ address: String, at now: Timestamp) { self.pace.withLock { $0.failed(address, at: now) } }

    /// A key for doing a form's deed once, however often it is sent.
    func onceKey() -> String { "console-\(Hex.encode(self.random(16)))" }

    /// Looking up a digest tells nobody by its time how much of a cookie was right.
    private static func id(_ cookie: String) -> Digest { .sha256(Array(cookie.utf8)) }
}
