import Domain
import Storage

/// The admin API for callers inside this process, such as the console: the very same endpoints, with a caller who is
/// known already, so that permissions, validation, doing it once and the audit exist once.
struct InnerDoor: Sendable {
    private let api: AdminAPI
    private let endpoints: [String: Endpoint]

    init(_ api: AdminAPI) {
        self.api = api
        let named = api.endpoints.map { (Self.name($0.method, $0.path), $0) }
        self.endpoints = Dictionary(named) { first, _ in first }
    }

    /// What a caller outside would send.
    struct Request: Sendable {
        let method: Endpoint.Method
        /// As the endpoint spells it: `/models/{name}/stop`.
        let path: String
        var parameters: [String: String] = [:]
        var query: [String: String] = [:]
        var body: JSON?
        /// The revision that was seen; nil for any.
        var revision: String?
        /// The same again with the same key does nothing, and answers the same.
        var idempotencyKey: String?

        init(_ method: Endpoint.Method, _ path: String) {
            self.method = method
            self.path = path
        }
    }

    /// Throws a `Problem` for everything that a caller outside would get one for.
    func answer(_ request: Request, as caller: Caller, id: String) async throws -> Reply {
        guard let endpoint = self.endpoints[Self.name(request.method, request.path)] else {
            preconditionFailure("the admin API has no \(request.method.rawValue) \(request.path)")
        }
        let exchange = AdminExchange(api: self.api, endpoint: endpoint)
        do {
            try exchange.requirePermission(of: caller)
            return try await exchange.perform(self.call(request, of: endpoint, as: caller, id), try request.repeatable)
        } catch {
            throw exchange.problem(of: error) ?? error
        }
    }

    private func call(_ request: Request, of endpoint: Endpoint, as caller: Caller, _ id: String) -> Call {
        Call(
            caller: caller,
            parameters: request.parameters,
            query: request.query,
            body: request.body,
            ifMatch: request.revision.map { "\"\($0)\"" },
            now: self.api.settings.clock(),
            id: id,
            kind: endpoint.kind
        )
    }

    /// Whether the caller has the permission for the very thing that the request names.
    func admits(_ request: Request, as caller: Caller, id: String) async throws -> Bool {
        guard let endpoint = self.endpoints[Self.name(request.method, request.path)],
            endpoint.mayBePermitted(to: caller)
        else { return false }
        let call = self.call(request, of: endpoint, as: caller, id)
        return try await self.api.database.read { reading in
            do {
                try endpoint.requirePermission(call, reading)
                return true
            } catch is Problem {
                return false
            }
        }
    }

    /// Whether it is worth offering.
    func mayAdmit(_ caller: Caller, _ method: Endpoint.Method, _ path: String) -> Bool {
        self.endpoints[Self.name(method, path)]?.mayBePermitted(to: caller) == true
    }

    private static func name(_ method: Endpoint.Method, _ path: String) -> String { "\(method.rawValue) \(path)" }
}

extension InnerDoor.Request {
    /// What makes it the same as another: all that a caller outside would have sent.
    fileprivate var repeatable: AdminExchange.Repeatable? {
        get throws(Problem) {
            guard self.method != .get, let key = self.idempotencyKey else { return nil }
            let told: JSON = .object([
                "method": .string(self.method.rawValue), "path": .string(self.path),
                "parameters": .object(self.parameters.mapValues(JSON.string)), "body": self.body ?? .null,
            ])
            return try AdminExchange.Repeatable(key: key, digest: .sha256(Array(told.canonical.utf8)))
        }
    }
}
