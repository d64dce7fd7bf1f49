import ControlPlane
import Crypto
import Foundation
import Platform
import Synchronization

/// An issuer with one elliptic key that answers from memory and counts how often it is asked.
final class ScriptedIssuer: IssuerFetcher {
    static let identifier = "https://login.example.com/realms/corp"

    private struct State {
        var asked: [String] = []
        var answers: [String: String] = [:]
        var posted: [OutgoingRequest] = []
        var reply: OutgoingResponse?
    }

    private let state = Mutex(State())
    let elliptic = P256.Signing.PrivateKey()

    init() {
        self.answer(
            "\(Self.identifier)/.well-known/openid-configuration",
            #"{"issuer": "\#(Self.identifier)", "jwks_uri": "https://login.example.com/keys"}"#
        )
    }

    func answer(_ url: String, _ text: String?) { self.state.withLock { $0.answers[url] = text } }

    func publish(_ keys: [String]) {
        self.answer("https://login.example.com/keys", "{\"keys\": [\(keys.joined(separator: ","))]}")
    }

    var asked: [String] { self.state.withLock { $0.asked } }

    func fetch(_ url: String) throws(OutgoingFault) -> [UInt8] {
        let answer = self.state.withLock { state in
            state.asked.append(url)
            return state.answers[url]
        }
        guard let answer else { throw OutgoingFault(.connect, "nobody is there") }
        return Array(answer.utf8)
    }

    /// Whoever posts passes it.
    let gate = Gate()

    /// What `reply` set.
    func post(_ request: OutgoingRequest) async throws(OutgoingFault) -> OutgoingResponse {
        let reply = self.state.withLock { state in
            state.posted.append(request)
            return state.reply
        }
        await self.gate.pass()
        guard let reply else { throw OutgoingFault(.connect, "nobody is there") }
        return reply
    }

    var posted: [OutgoingRequest] { self.state.withLock { $0.posted } }

    func reply(_ reply: OutgoingResponse?) { self.state.withLock { $0.reply = reply } }

    /// Of a JSON object, as claims are written here.
    static func members(_ text: String) throws -> [String: JSON] {
        guard case .object(let members) = try JSON.parse(Array(text.utf8)) else { throw NoObject(text: text) }
        return members
    }

    private struct NoObject: Error {
        let text: String
    }

    /// A key as a JWK; `more` are members such as `,"alg":"ES256"`.
    static func jwk(_ key: P256.Signing.PrivateKey, _ id: String, more: String = "") -> String {
        let place = key.publicKey.rawRepresentation
        let (x, y) = (place.prefix(32).base64URL, place.suffix(32).base64URL)
        return #"{"kty": "EC", "crv": "P-256", "kid": "\#(id)", "x": "\#(x)", "y": "\#(y)"\#(more)}"#
    }

    /// `header.payload.signature`, signed by the elliptic key whatever the header says.
    func token(_ claims: String, header: String = #"{"alg": "ES256", "kid": "k1"}"#) throws -> String {
        let signed = "\(Data(header.utf8).base64URL).\(Data(claims.utf8).base64URL)"
        return "\(signed).\(try self.elliptic.signature(for: Data(signed.utf8)).rawRepresentation.base64URL)"
    }
}

/// No issuer is ever asked.
struct NoIssuer: IssuerFetcher {
    func fetch(_ url: String) throws(OutgoingFault) -> [UInt8] { throw OutgoingFault(.closed, "nobody is asked here") }
    func post(_ request: OutgoingRequest) throws(OutgoingFault) -> OutgoingResponse {
        throw OutgoingFault(.closed, "nobody is asked here")
    }
}

extension Data {
    /// RFC 4648, section 5.
    var base64URL: String {
        self.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
