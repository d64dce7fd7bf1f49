import ControlPlane
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Storage
import Testing

/// The console beside the admin API on one router, and a browser without a screen.
struct ConsoleHarness {
    let house: APIHarness
    private let application: Hummingbird.Application<RouterResponder<AdminContext>>

    static let address = "https://martlet.example.com"

    /// `fetcher` reaches the issuers; without it none is ever asked.
    init(
        hasTLS: Bool = false,
        assetFolder: String? = nil,
        fetcher: any IssuerFetcher = NoIssuer(),
        address: String? = Self.address
    ) async throws {
        self.house = try await APIHarness(issuers: fetcher)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let router = Router(context: AdminContext.self)
        self.house.api.add(to: router)
        let database = self.house.api.database
        let flow = CodeFlow(
            database: database,
            issuers: Issuers(database: database, keys: IssuerKeys(fetcher, ownPorts: [], logger: logger)),
            settings: CodeFlow.Settings(
                fetcher: fetcher,
                ownPorts: self.house.api.settings.ownPorts,
                secrets: ReversedSecrets(),
                address: address.flatMap { ConsoleAddress($0) }
            ),
            logger: logger
        )
        let console = try Console(
            self.house.api,
            codeFlow: flow,
            assetFolder: assetFolder,
            hasTLS: hasTLS,
            logger: logger
        )
        console.add(to: router)
        self.application = Application(router: router, logger: logger)
    }

    struct Answer {
        let status: Int
        let text: String
        let headers: HTTPFields

        var location: String { self.headers[.location] ?? "" }
        var setCookie: String { self.headers[.setCookie] ?? "" }

        /// The value of the first hidden field of this name.
        func hidden(_ name: String) -> String? {
            guard let mark = self.text.firstRange(of: "type=\"hidden\" name=\"\(name)\" value=\"") else { return nil }
            return String(self.text[mark.upperBound...].prefix { $0 != "\"" })
        }
    }

    /// Somebody who is signed in.
    struct Visitor {
        let cookie: String
        let csrf: String
    }

    func get(_ path: String, as visitor: Visitor? = nil) async throws -> Answer {
        try await self.send(.get, path, "", cookie: visitor?.cookie, headers: [:])
    }

    /// Sends a form as a browser does, with the session's own token unless `fields` have another.
    func post(
        _ path: String,
        _ fields: [String: String],
        as visitor: Visitor? = nil,
        headers: [String: String] = ["Sec-Fetch-Site": "same-origin"]
    ) async throws -> Answer {
        var fields = fields
        if let visitor, fields["csrf"] == nil { fields["csrf"] = visitor.csrf }
        let body = fields.map { "\($0.key)=\(Self.encoded($0.value))" }.joined(separator: "&")
        return try await self.send(.post, path, body, cookie: visitor?.cookie, headers: headers)
    }

    func signIn(as name: String) async throws -> Visitor {
        try await self.signIn(with: try #require(self.house.tokens[name]))
    }

    func signIn(with token: String) async throws -> Visitor {
        let answer = try await self.post("/console/sign-in", ["token": token])
        #expect(answer.status == 303)
        let cookie = try #require(answer.setCookie.split(separator: ";").first.map(String.init))
        let page = try await self.send(.get, "/console", "", cookie: cookie, headers: [:])
        return Visitor(cookie: cookie, csrf: try #require(page.hidden("csrf")))
    }

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String,
        cookie: String?,
        headers: [String: String]
    ) async throws -> Answer {
        var fields = HTTPFields()
        if let cookie { fields[.cookie] = cookie }
        if !body.isEmpty { fields[.contentType] = "application/x-www-form-urlencoded" }
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        let (sent, buffer) = (fields, ByteBuffer(string: body))
        return try await self.application.test(.router) { client in
            try await client.execute(uri: path, method: method, headers: sent, body: buffer) { response in
                Answer(
                    status: response.status.code,
                    text: String(buffer: response.body),
                    headers: response.headers
                )
            }
        }
    }

    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + Hex.encode([byte])
        }.joined()
    }

    /// What stands on every page of one thing, beside the lists; what `fillConsole` made.
    static let items = [
        "/console/prompts/greeting", "/console/prompts/greeting?from=1&to=2&view=words", "/console/models/local%2Fm",
    ]
    static let lists = [
        "/console", "/console?range=7d", "/console/usage", "/console/usage?by=user&measure=p95&range=30d",
        "/console/prompts", "/console/proposals", "/console/proposals?state=all", "/console/models", "/console/keys",
        "/console/nodes", "/console/budgets", "/console/limits",
    ]

    /// Something of everything: prompts with versions, a key, and two proposals that are open. The result is the
    /// proposals' ids, of the prompt's label first, and the key's id.
    func fill() async throws -> (proposals: [String], key: String, keyText: String) {
        try await self.house.fill()
        try await self.house.fillScopes()
        for text in ["Greet {{who}}.", "Greet {{who}}, kindly."] {
            let body = #"{"messages": [{"role": "system", "content": "\#(text)"}]}"#
            _ = try await self.house.call(.post, "/v1/prompts/greeting/versions", body, as: "author")
        }
        let path = "/v1/prompts/greeting/labels/production"
        let moved = try await self.house.call(.put, path, #"{"version": 2}"#, as: "author")
        let dearer = APIHarness.model.replacing("0.40", with: "0.80")
        let headers = ["If-Match": "*"]
        _ = try await self.house.call(.put, "/v1/models/local%2Fm", dearer, as: "author", headers: headers)
        let proposed = try await self.house.call(.post, "/v1/models/local%2Fm/propose", as: "author")
        let key = #"{"team": "demo", "roles": ["everyone"]}"#
        let made = try await self.house.call(.post, "/v1/keys", key, as: "author")
        return (
            [moved, proposed].compactMap { $0.body["proposal"]?.string }, made.body["id"]?.string ?? "",
            made.body["key"]?.string ?? ""
        )
    }
}

/// Opens what the harness' fake sealed.
private struct ReversedSecrets: SecretOpener {
    func open(_ value: SealedSecretValue) -> [UInt8] { value.sealed.reversed() }
}
