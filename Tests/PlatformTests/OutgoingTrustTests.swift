import Platform
import TestSupport
import Testing

/// Whom the outgoing client believes.
@Suite(.timeLimit(.minutes(1))) struct OutgoingTrustTests {
    private let folder: TemporaryFolder
    private let bundle: String
    private let certificate: ServerCertificate

    init() throws {
        self.folder = try TemporaryFolder()
        let paths = try TestIdentity.one.write(to: self.folder)
        self.bundle = paths.certificate
        self.certificate = try ServerCertificate(certificatePath: paths.certificate, keyPath: paths.key)
    }

    private func outcome(of trust: ServerTrust, host: String = "127.0.0.1") async throws -> OutgoingFault.Kind? {
        let server = try await ScriptedServer(tls: self.certificate) { _ in reply() }
        return try await OutgoingClient.scoped(OutgoingClientTests.direct { $0.trust = trust }) { client in
            do {
                let url = "https://\(host):\(server.port)/"
                #expect(try await client.send(OutgoingRequest(.get, url)).status == 200)
                return nil
            } catch {
                #expect(server.seen.requests.isEmpty, "nothing was sent to a server that is not believed")
                return (error as? OutgoingFault)?.kind
            }
        }
    }

    @Test func `an unknown authority is refused and one from the bundle is believed`() async throws {
        #expect(try await self.outcome(of: .authorities(bundle: nil)) == .tls)
        #expect(try await self.outcome(of: .authorities(bundle: self.bundle)) == nil)
    }

    @Test func `the host name must be the certificate's`() async throws {
        #expect(try await self.outcome(of: .authorities(bundle: self.bundle), host: "127.0.0.2") != nil)
    }

    @Test func `a pin alone is enough, and only the right one`() async throws {
        #expect(try await self.outcome(of: .key(pin: TestIdentity.one.pin)) == nil)
        #expect(try await self.outcome(of: .key(pin: TestIdentity.two.pin)) == .tls)
        #expect(try await self.outcome(of: .key(pin: "\(TestIdentity.two.pin);\(TestIdentity.one.pin)")) == nil)
    }

    @Test(arguments: ["", "sha256//", "garbage", "sha256//not-base64"])
    func `a pin that is no pin lets nobody through`(pin: String) async throws {
        #expect(try await self.outcome(of: .key(pin: pin)) != nil, "\(pin.debugDescription)")
    }

    @Test func `a pin beside authorities asks for both`() async throws {
        #expect(try await self.outcome(of: .authoritiesAndKey(bundle: self.bundle, pin: TestIdentity.one.pin)) == nil)
        #expect(try await self.outcome(of: .authoritiesAndKey(bundle: self.bundle, pin: TestIdentity.two.pin)) == .tls)
        #expect(try await self.outcome(of: .authoritiesAndKey(bundle: nil, pin: TestIdentity.one.pin)) == .tls)
    }

    @Test func `a reloaded certificate is what the next connection sees, and a bad file changes nothing`() async throws
    {
        let server = try await ScriptedServer(tls: self.certificate) { _ in reply("200 OK", "connection: close\r\n") }
        func isSeen(_ pin: String) async throws -> Bool {
            try await OutgoingClient.scoped(OutgoingClientTests.direct { $0.trust = .key(pin: pin) }) { client in
                do {
                    return try await client.send(OutgoingRequest(.get, server.url(scheme: "https"))).status == 200
                } catch {
                    return false
                }
            }
        }
        #expect(try await isSeen(TestIdentity.one.pin))
        try DurableFile.write(Array("rubbish".utf8), to: "\(self.folder.path)/server.pem")
        #expect(throws: StartupFault.self) { try self.certificate.reload() }
        #expect(try await isSeen(TestIdentity.one.pin))
        _ = try TestIdentity.two.write(to: self.folder)
        try self.certificate.reload()
        #expect(try await isSeen(TestIdentity.two.pin))
        #expect(try await isSeen(TestIdentity.one.pin) == false)
    }

    @Test func `a key that is not the certificate's is refused at start`() throws {
        let two = try TestIdentity.two.write(to: self.folder, name: "two")
        #expect(throws: StartupFault.self) {
            try ServerCertificate(certificatePath: self.bundle, keyPath: two.key)
        }
    }
}
