package import Domain

/// Who is signed in to the console: a bounded number of sessions, each for a bounded time. Of a cookie only the digest
/// is kept, of a principal's token only its digest too, and of an issuer's only what it says: nothing here lets anybody
/// in.
package struct SessionBook: Sendable {
    package static let lifeMilliseconds: Int64 = 12 * 3_600_000
    package static let idleMilliseconds: Int64 = 3_600_000
    /// More than there are administrators; beyond it the session that was idle longest ends.
    package static let sessionsMax = 1_000

    /// Browsers of one token, or of one person at an issuer: who signs in again and again ends their own sessions, and
    /// nobody else's.
    package static let sessionsPerCredentialMax = 16

    private var sessions: [Digest: Session] = [:]

    package init() {}

    package var count: Int { self.sessions.count }

    /// Begins a session for whoever showed `credential`.
    package mutating func open(_ id: Digest, credential: Credential, csrf: String, at now: Timestamp) {
        self.sessions = self.sessions.filter { !$0.value.isOver(at: now) }
        let own = self.sessions.filter { $0.value.credential.holder == credential.holder }
        if own.count >= Self.sessionsPerCredentialMax {
            self.endIdlest(of: own)
        } else if self.sessions.count >= Self.sessionsMax {
            self.endIdlest(of: self.sessions)
        }
        self.sessions[id] = Session(credential: credential, csrf: csrf, opened: now, used: now)
    }

    private mutating func endIdlest(of sessions: [Digest: Session]) {
        let idlest = sessions.min { ($0.value.used, $0.key) < ($1.value.used, $1.key) }
        if let idlest { self.sessions[idlest.key] = nil }
    }

    /// The session, used once more; nil if there is none, or it is over.
    package mutating func use(_ id: Digest, at now: Timestamp) -> Session? {
        guard var session = self.sessions[id] else { return nil }
        guard !session.isOver(at: now) else {
            self.sessions[id] = nil
            return nil
        }
        session.used = max(session.used, now)
        self.sessions[id] = session
        return session
    }

    package mutating func close(_ id: Digest) { self.sessions[id] = nil }

    /// Leaves word for the next page of this session.
    package mutating func leave(_ word: String, in id: Digest) { self.sessions[id]?.word = word }

    /// What was left for this page, once.
    package mutating func takeWord(_ id: Digest) -> String? {
        defer { self.sessions[id]?.word = nil }
        return self.sessions[id]?.word
    }
}

/// One browser that is signed in.
package struct Session: Sendable {
    package let credential: Credential
    /// Stands in every form of the session, so that no other site can post one.
    package let csrf: String
    package let opened: Timestamp
    package fileprivate(set) var used: Timestamp
    package fileprivate(set) var word: String?

    func isOver(at now: Timestamp) -> Bool {
        now.milliseconds(since: self.opened) >= SessionBook.lifeMilliseconds
            || now.milliseconds(since: self.used) >= SessionBook.idleMilliseconds
    }
}
