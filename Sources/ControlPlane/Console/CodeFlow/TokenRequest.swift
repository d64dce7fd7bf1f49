import Foundation
import Platform

/// Asks an issuer what a code stands for (RFC 6749, 4.1.3, with RFC 7636).
struct TokenRequest {
    let clientID: String
    /// What the client proves itself with; nil for a public one.
    let secret: [UInt8]?
    let code: String
    let callback: String
    let verifier: String

    private static let timeout: Duration = .seconds(10)
    private static let replyBytesMax = 64 << 10

    func request(to endpoint: IssuerDocument.Address) -> OutgoingRequest {
        var form = [
            ("grant_type", "authorization_code"), ("code", self.code), ("redirect_uri", self.callback),
            ("code_verifier", self.verifier),
        ]
        var headers = [
            OutgoingHeader("content-type", "application/x-www-form-urlencoded"),
            OutgoingHeader("accept", "application/json"),
        ]
        if let secret {
            headers.append(OutgoingHeader("authorization", self.basic(secret)))
        } else {
            form.append(("client_id", self.clientID))
        }
        return OutgoingRequest(
            .post,
            endpoint.text,
            headers: headers,
            body: Array(FormText.encode(form).utf8),
            timeout: Self.timeout,
            replyBytesMax: Self.replyBytesMax
        )
    }

    /// `client_secret_basic`: both are encoded as in a form first (RFC 6749, 2.3.1).
    private func basic(_ secret: [UInt8]) -> String {
        let pair = [self.clientID, String(decoding: secret, as: UTF8.self)].map(PercentEncoding.encode)
        return "Basic \(Data(pair.joined(separator: ":").utf8).base64EncodedString())"
    }

    /// The words for a code that is no good; of one that they cannot even read some issuers say the second.
    private static let badCode: Set = ["invalid_grant", "invalid_request"]

    /// The ID token of a reply. Of a refusal only the word is kept that the standard knows (RFC 6749, 5.2). A code that
    /// is no good is its bringer's fault, a client that is not known is ours, and all else is the issuer's.
    static func idToken(in reply: OutgoingResponse) throws(SignInFault) -> String {
        // Nil says it: what is no JSON holds neither a token nor a reason.
        let members = try? JSON.parse(reply.body)
        if reply.status == 200 {
            guard let token = members?["id_token"]?.string else { throw .silent("its reply holds no id_token") }
            return token
        }
        let word = AuthorizationAnswer.words(members?["error"]?.string ?? "no reason", nil)
        // The standard has 400 for it; some say 403.
        if (400..<500).contains(reply.status), Self.badCode.contains(word) { throw .declined(word) }
        let sentence = "the token endpoint answered \(reply.status): \(word)"
        throw word == "invalid_client" ? .misconfigured(sentence) : .silent(sentence)
    }
}
