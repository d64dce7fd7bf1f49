import NIOCore
import TestSupport
import Testing

@testable import DataPlane

@Suite struct AddressBookTests {
    private static let first = addresses("192.0.2.1")
    private static let second = addresses("192.0.2.2", "2001:db8::2")
    private let name = "api.example"

    private static func addresses(_ texts: String...) -> [HostAddress] { texts.compactMap { HostAddress(literal: $0) } }

    private func at(_ milliseconds: Int64) -> Tick { Tick(nanoseconds: 0).advanced(milliseconds: milliseconds) }

    private func ask(_ book: inout AddressBook, at milliseconds: Int64) -> (AddressBook.Answer, Bool) {
        let asked = book.ask(self.name, now: at(milliseconds))
        return (asked.answer, asked.looksUp)
    }

    @Test func `the first who asks begins the look-up, the others wait for its end`() {
        var book = AddressBook()
        #expect(self.ask(&book, at: 0) == (.pending, true))
        #expect(self.ask(&book, at: 1) == (.pending, false))
        book.found(Self.first, of: self.name, now: at(5))
        #expect(self.ask(&book, at: 5) == (.addresses(Self.first), false))
    }

    @Test func `an answer is fresh for 30 seconds, then it is still given while a new one is fetched`() {
        var book = AddressBook()
        _ = self.ask(&book, at: 0)
        book.found(Self.first, of: self.name, now: at(0))
        #expect(self.ask(&book, at: 29_999) == (.addresses(Self.first), false))
        #expect(self.ask(&book, at: 30_000) == (.addresses(Self.first), true))
        #expect(self.ask(&book, at: 30_001) == (.addresses(Self.first), false))
        book.found(Self.second, of: self.name, now: at(31_000))
        #expect(self.ask(&book, at: 31_000) == (.addresses(Self.second), false))
    }

    @Test func `a dead resolver takes a known name down after ten minutes, not before`() {
        var book = AddressBook()
        _ = self.ask(&book, at: 0)
        book.found(Self.first, of: self.name, now: at(0))
        #expect(self.ask(&book, at: 30_000) == (.addresses(Self.first), true))
        book.failed(.unavailable, of: self.name, now: at(40_000))
        #expect(self.ask(&book, at: 41_999) == (.addresses(Self.first), false))
        #expect(self.ask(&book, at: 42_000) == (.addresses(Self.first), true))
        #expect(self.ask(&book, at: 599_999) == (.addresses(Self.first), false))
        #expect(self.ask(&book, at: 600_000) == (.pending, false))
        book.failed(.unavailable, of: self.name, now: at(601_000))
        #expect(self.ask(&book, at: 601_001) == (.none, false))
    }

    @Test func `a failure is believed for two seconds, so that a wrong name is not asked for a thousand times`() {
        for failure in [AddressBook.Failure.absent, .unavailable] {
            var book = AddressBook()
            _ = self.ask(&book, at: 0)
            book.failed(failure, of: self.name, now: at(100))
            #expect(self.ask(&book, at: 2_099) == (.none, false))
            #expect(self.ask(&book, at: 2_100) == (.pending, true))
        }
    }

    @Test func `a name that is known to be gone has no old addresses, and an empty answer says so too`() {
        for step in 0..<2 {
            var book = AddressBook()
            _ = self.ask(&book, at: 0)
            book.found(Self.first, of: self.name, now: at(0))
            _ = self.ask(&book, at: 30_000)
            if step == 0 {
                book.failed(.absent, of: self.name, now: at(30_010))
            } else {
                book.found([], of: self.name, now: at(30_010))
            }
            #expect(self.ask(&book, at: 30_011) == (.none, false))
        }
    }

    @Test func `where nobody answers, the addresses are looked up before their time, but not again and again`() {
        var book = AddressBook()
        _ = self.ask(&book, at: 0)
        book.found(Self.first, of: self.name, now: at(0))
        book.doubt(self.name)
        #expect(self.ask(&book, at: 1_999) == (.addresses(Self.first), false))
        #expect(self.ask(&book, at: 2_000) == (.addresses(Self.first), true))
        book.found(Self.first, of: self.name, now: at(2_100))
        #expect(self.ask(&book, at: 9_000) == (.addresses(Self.first), false))
    }

    @Test func `names are bounded: the one asked for longest ago makes room, one being looked up does not`() {
        var book = AddressBook(.init(namesMax: 2))
        _ = book.ask("a", now: at(0))
        _ = book.ask("b", now: at(1))
        let third = book.ask("c", now: at(2))
        #expect(third.answer == .none && !third.looksUp)
        book.found(Self.first, of: "a", now: at(3))
        book.found(Self.first, of: "b", now: at(3))
        _ = book.ask("a", now: at(4))
        #expect(book.ask("c", now: at(5)).looksUp)
        #expect(book.count == 2)
        #expect(book.answer(for: "a", now: at(5)) == .addresses(Self.first))
        #expect(book.answer(for: "b", now: at(5)) == .none)
        book.found(Self.first, of: "b", now: at(6))
        #expect(book.answer(for: "b", now: at(6)) == .none)
    }

    @Test func `in any order there is one look-up a name, and no answer is older than its bound`() {
        var generator = SeededGenerator.printed()
        var book = AddressBook(.init(namesMax: 4))
        var running: Set<String> = []
        var known: [String: Int64] = [:]
        for step in 0..<20_000 {
            let now = Int64(step) * 500
            let name = ["a", "b", "c", "d"][Int.random(in: 0..<4, using: &generator)]
            switch Int.random(in: 0..<8, using: &generator) {
            case 0 where running.remove(name) != nil:
                book.found(Self.first, of: name, now: at(now))
                known[name] = now
            case 1 where running.remove(name) != nil: book.failed(.unavailable, of: name, now: at(now))
            case 2: book.doubt(name)
            default:
                let (answer, looksUp) = book.ask(name, now: at(now))
                if looksUp { #expect(running.insert(name).inserted) }
                let isUsable = known[name].map { now - $0 < 600_000 } ?? false
                #expect((answer == .addresses(Self.first)) == isUsable)
                if answer == .pending { #expect(running.contains(name)) }
            }
        }
    }
}

@Suite struct HostAddressTests {
    @Test(arguments: [
        "169.254.169.254", "169.254.0.0", "fe80::1", "febf::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
        "::169.254.1.1",
    ]) func `a link-local address is known in each of its spellings`(text: String) throws {
        let address = try #require(HostAddress(literal: text))
        #expect(address.isLinkLocal && !address.isConnectable)
    }

    @Test(arguments: ["0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "::", "ff02::1", "::ffff:0.0.0.0"])
    func `no provider is at an unspecified, multicast or broadcast address`(text: String) throws {
        let address = try #require(HostAddress(literal: text))
        #expect(!address.isLinkLocal && !address.isConnectable)
    }

    @Test(arguments: ["127.0.0.1", "10.0.0.1", "169.253.0.1", "8.8.8.8", "::1", "fd00::1", "2606:4700::1111"])
    func `this machine, private networks and the world may be connected to`(text: String) throws {
        #expect(try #require(HostAddress(literal: text)).isConnectable)
    }

    @Test(arguments: ["", "localhost", "1.2.3", "1.2.3.256", "[::1]", "fe80::1%eth0", "0x7f.1"])
    func `what is no plain address is none`(text: String) { #expect(HostAddress(literal: text) == nil) }

    @Test func `an address keeps its port on the way to a socket`() throws {
        #expect(try HostAddress(literal: "::1")?.socketAddress(port: 443).description == "[IPv6]::1:443")
        #expect(try HostAddress(literal: "127.0.0.1")?.socketAddress(port: 80).description == "[IPv4]127.0.0.1:80")
    }
}
