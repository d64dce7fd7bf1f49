import ControlPlane
import Domain
import Testing

@Suite struct SessionBookTests {
    private func digest(_ number: Int) -> Digest { .sha256(Array(String(number).utf8)) }
    private func credential(of name: String) -> Credential { Credential(token: .sha256(Array(name.utf8))) }
    private func time(_ seconds: Int64) -> Timestamp { Timestamp(unixMilliseconds: seconds * 1_000) }

    @Test func `there are never more sessions than the bound, and the one idle longest goes first`() {
        var book = SessionBook()
        for number in 0..<SessionBook.sessionsMax {
            let credential = self.credential(of: "visitor \(number)")
            book.open(self.digest(number), credential: credential, csrf: "c", at: self.time(Int64(number)))
        }
        let now = self.time(2_000)
        let used = book.use(self.digest(0), at: now)
        #expect(used != nil)
        book.open(self.digest(-2), credential: self.credential(of: "ann"), csrf: "c", at: now)
        #expect(book.count == SessionBook.sessionsMax)
        let (kept, gone) = (book.use(self.digest(0), at: now), book.use(self.digest(1), at: now))
        #expect(kept != nil)
        #expect(gone == nil)
    }

    @Test func `who signs in again and again ends only their own sessions`() {
        var book = SessionBook()
        book.open(self.digest(-1), credential: self.credential(of: "bob"), csrf: "c", at: self.time(0))
        for number in 0..<100 {
            book.open(self.digest(number), credential: self.credential(of: "ann"), csrf: "c", at: self.time(1))
        }
        let other = book.use(self.digest(-1), at: self.time(2))
        #expect(other != nil && book.count == 1 + SessionBook.sessionsPerCredentialMax)
    }

    @Test func `what is over makes room`() {
        var book = SessionBook()
        for number in 0..<10 {
            book.open(self.digest(number), credential: self.credential(of: "ann"), csrf: "c", at: self.time(0))
        }
        book.open(self.digest(10), credential: self.credential(of: "ann"), csrf: "c", at: self.time(3_600))
        #expect(book.count == 1)
    }

    @Test func `a word is said once`() {
        var book = SessionBook()
        book.open(self.digest(0), credential: self.credential(of: "ann"), csrf: "c", at: self.time(0))
        book.leave("done", in: self.digest(0))
        let words = [book.takeWord(self.digest(0)), book.takeWord(self.digest(0)), book.takeWord(self.digest(1))]
        #expect(words == ["done", nil, nil])
    }

    @Test func `one address that fails does not keep another out, and addresses are forgotten`() {
        var pace = SignInPace()
        for _ in 0..<SignInPace.failuresMax { pace.failed("a", at: self.time(0)) }
        #expect(pace.wait("a", at: self.time(1)) == 59)
        #expect(pace.wait("b", at: self.time(1)) == nil)
        for number in 0..<SignInPace.addressesMax { pace.failed("address \(number)", at: self.time(2)) }
        #expect(pace.wait("a", at: self.time(3)) == nil)
    }

    /// `Sec-Fetch-Site`, `Origin` and `Host`, and whether a page of ours sent the form.
    static let origins: [(site: String?, origin: String?, host: String?, isOurs: Bool)] = [
        ("same-origin", nil, nil, true), ("same-origin", "http://evil.example", "here:8400", true),
        ("same-site", "http://here:8400", "here:8400", false), ("cross-site", nil, nil, false),
        ("none", nil, "here:8400", false), (nil, "http://here:8400", "here:8400", true),
        (nil, "https://HERE:8400", "here:8400", true), (nil, "http://here:8401", "here:8400", false),
        (nil, "null", "here:8400", false), (nil, "http://evil.example", "here:8400", false),
        (nil, "http://here:8400.evil.example", "here:8400", false), (nil, nil, "here:8400", false),
        (nil, "http://here:8400", nil, false), ("", "http://here:8400", "here:8400", false),
    ]

    @Test func `a form counts as ours only if the browser says so`() {
        for (site, origin, host, isOurs) in Self.origins {
            let holds = SameOrigin.holds(fetchSite: site, origin: origin, host: host)
            #expect(holds == isOurs, "\(site ?? "-") \(origin ?? "-") \(host ?? "-")")
        }
    }
}
