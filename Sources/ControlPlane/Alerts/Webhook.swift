import Crypto
import Domain
package import Platform

/// How webhooks are sent: by the outgoing client, or by a test's script.
package protocol AlertSender: Sendable {
    func send(_ request: OutgoingRequest) async throws(OutgoingFault) -> OutgoingResponse
}

extension OutgoingClient: AlertSender {}

/// Where alerts are told, and the secret by which the receiver knows that they are ours.
///
/// `martlet-webhook-signature: t=<Unix seconds>,v1=<hex>`, where v1 is HMAC-SHA256, by the secret, of the seconds, a point
/// and the body.
package struct Webhook: Sendable {
    let url: String
    private let secret: SymmetricKey
    let sender: any AlertSender

    package static let secretBytesMin = 16
    private static let timeout = Duration.seconds(10)
    private static let replyBytesMax = 64 << 10

    /// Throws the reason why such an address or secret cannot be.
    package init(
        _ url: String,
        secret: [UInt8],
        ownPorts: Set<Int>,
        sender: any AlertSender
    ) throws(StartupFault) {
        guard let address = BaseURL(url) else {
            throw StartupFault(.usage, "--alert-webhook must be http(s)://host[:port][/path]")
        }
        if let detail = AddressRules.refusal(of: address, ownPorts: ownPorts) {
            throw StartupFault(.usage, "--alert-webhook \(detail)")
        }
        guard secret.count >= Self.secretBytesMin else {
            throw StartupFault(.usage, "--alert-secret-file must hold at least \(Self.secretBytesMin) bytes")
        }
        self.url = url
        self.secret = SymmetricKey(data: secret)
        self.sender = sender
    }

    /// As it goes out at `now`: each try is signed anew, so that a receiver may refuse what is old.
    func request(_ body: [UInt8], at now: Timestamp) -> OutgoingRequest {
        OutgoingRequest(
            .post,
            self.url,
            headers: [
                OutgoingHeader("content-type", "application/json"),
                OutgoingHeader("martlet-webhook-signature", self.signature(of: body, at: now)),
            ],
            body: body,
            timeout: Self.timeout,
            replyBytesMax: Self.replyBytesMax
        )
    }

    private func signature(of body: [UInt8], at now: Timestamp) -> String {
        let seconds = String(now.unixMilliseconds / 1_000)
        let code = HMAC<SHA256>.authenticationCode(for: Array("\(seconds).".utf8) + body, using: self.secret)
        return "t=\(seconds),v1=\(Hex.encode(code))"
    }
}
