import Domain
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Storage

/// One request on its way through the API: who is it, may they, what do they say, do it, answer.
struct AdminExchange {
    let api: AdminAPI
    let endpoint: Endpoint

    /// Never throws: every error becomes a problem document; what is our own fault goes to the log, once, here.
    func respond(to request: Request, _ context: AdminContext) async -> Response {
        let id = "\(context.id)"
        do {
            return AdminResponse.reply(try await self.reply(to: request, context, id: id), id: id)
        } catch let dryRun as DryRun {
            return AdminResponse.reply(dryRun.reply, id: id)
        } catch {
            guard let problem = self.problem(of: error) else { return self.ours(error, context, id: id) }
            return AdminResponse.problem(problem, id: id)
        }
    }

    /// What callers are told of an error; nil for what is our own fault.
    func problem(of error: any Error) -> Problem? {
        switch error {
        case let problem as Problem: problem
        case let refusal as Refusal: .invalid(refusal.problems)
        case let fault as PublishingFault: Problem(422, "not-publishable", "It does not compile", fault.detail)
        case let fault as StorageFault: Problem.from(fault, about: self.subject)
        default: nil
        }
    }

    private func ours(_ error: any Error, _ context: AdminContext, id: String) -> Response {
        context.logger.error(
            "admin request failed",
            metadata: ["endpoint": "\(self.endpoint.method.rawValue) \(self.endpoint.path)", "error": "\(error)"]
        )
        return AdminResponse.problem(.ours, id: id)
    }

    /// `model` of `/models/{name}/stop`.
    private var subject: String {
        let collection = self.endpoint.path.split(separator: "/").first ?? ""
        return String(collection.hasSuffix("s") ? collection.dropLast() : collection)
    }

    private func reply(to request: Request, _ context: AdminContext, id: String) async throws -> Reply {
        let now = self.api.settings.clock()
        let caller = try await self.authenticate(request, at: now)
        try self.requirePermission(of: caller)
        let query = try self.query(of: request)
        let bytes = try await self.body(of: request)
        let call = Call(
            caller: caller,
            parameters: try self.parameters(of: context),
            query: query,
            body: try self.parse(bytes, type: request.headers[.contentType]),
            ifMatch: request.headers[.ifMatch],
            now: now,
            id: id,
            kind: self.endpoint.kind
        )
        return try await self.perform(call, try self.repeatable(request, bytes))
    }

    func requirePermission(of caller: Caller) throws {
        guard self.endpoint.mayBePermitted(to: caller) else {
            let permission = self.endpoint.permission
            throw Problem.forbidden(permission, isHeld: caller.grants.permitAnywhere(permission))
        }
    }

    // MARK: - Reading the request

    private func authenticate(_ request: Request, at now: Timestamp) async throws -> Caller {
        let scheme = "Bearer "
        guard let header = request.headers[.authorization], header.hasPrefix(scheme) else {
            throw Problem.unauthenticated
        }
        let token = String(header.dropFirst(scheme.count))
        // Ours have no dots; a JSON web token has two.
        if token.contains(".") { return try await self.api.services.identities.caller(with: token, at: now) }
        guard let digest = TokenText.principalDigest(of: token),
            let caller = try await self.api.database.read({ try $0.caller(digest, at: now) })
        else { throw Problem.unauthenticated }
        return caller
    }

    private func query(of request: Request) throws -> [String: String] {
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            guard self.endpoint.query.contains(String(name)) else {
                throw Problem.badQuery(String(name), "is not known here; known are: \(self.endpoint.query)")
            }
            guard query.updateValue(String(value), forKey: String(name)) == nil else {
                throw Problem.badQuery(String(name), "occurs twice")
            }
        }
        return query
    }

    /// The router matches raw segments, so `openai%2Fgpt-4o` is one; it is decoded here, once.
    private func parameters(of context: AdminContext) throws -> [String: String] {
        var parameters: [String: String] = [:]
        for (name, raw) in context.parameters {
            guard let decoded = PercentEncoding.decode(String(raw)) else {
                throw Problem.notFound("such \(self.subject): its name is no percent-encoded UTF-8")
            }
            parameters[String(name)] = decoded
        }
        return parameters
    }

    private func body(of request: Request) async throws -> [UInt8] {
        let tooLarge = Problem(
            413,
            "too-large",
            "The body is too large",
            "at most \(self.endpoint.bodyBytesMax) bytes are taken here"
        )
        if let length = request.headers[.contentLength].flatMap(Int.init), length > self.endpoint.bodyBytesMax {
            throw tooLarge
        }
        do {
            return Array(buffer: try await request.body.collect(upTo: self.endpoint.bodyBytesMax))
        } catch is NIOTooManyBytesError {
            throw tooLarge
        }
    }

    private func parse(_ bytes: [UInt8], type: String?) throws -> JSON? {
        guard !bytes.isEmpty else {
            if self.endpoint.bodySchema != nil, self.endpoint.isBodyRequired {
                throw Problem.malformed("a body is required")
            }
            return nil
        }
        guard self.endpoint.bodySchema != nil else { throw Problem.malformed("this takes no body") }
        let media = (type ?? "application/json").prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        do {
            if Self.jsonTypes.contains(media) { return try JSON.parse(bytes) }
            if self.endpoint.takesYAML, Self.yamlTypes.contains(media) { return try JSON.parse(yaml: bytes) }
        } catch {
            let place = error.offset > 0 ? " (at byte \(error.offset))" : ""
            throw Problem.malformed(error.detail + place)
        }
        let taken = self.endpoint.takesYAML ? "application/json and application/yaml" : "application/json"
        throw Problem(415, "unsupported-media-type", "Another kind of body", "this takes \(taken)")
    }

    /// The second is what curl says of `-d`.
    private static let jsonTypes = ["application/json", "application/x-www-form-urlencoded"]
    private static let yamlTypes = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"]

    // MARK: - Doing it once

    /// What makes a request the same as another.
    struct Repeatable: Sendable {
        let key: String
        let digest: Digest

        private static let keyBytesMax = 255

        init(key: String, digest: Digest) throws(Problem) {
            guard (1...Self.keyBytesMax).contains(key.utf8.count) else {
                let detail = "it has 1 to \(Self.keyBytesMax) characters"
                throw Problem(400, "bad-idempotency-key", "The Idempotency-Key is no good", detail)
            }
            self.key = key
            self.digest = digest
        }
    }

    private func repeatable(_ request: Request, _ bytes: [UInt8]) throws -> Repeatable? {
        guard self.endpoint.isWrite, let name = HTTPField.Name("Idempotency-Key"), let key = request.headers[name]
        else {
            return nil
        }
        let head = "\(self.endpoint.method.rawValue) \(request.uri.string)\n"
        return try Repeatable(key: key, digest: .sha256(Array(head.utf8) + bytes))
    }

    func perform(_ call: Call, _ repeatable: Repeatable?) async throws -> Reply {
        switch self.endpoint.action {
        case .read(let body):
            return try await self.api.database.read { reading in
                try self.endpoint.requirePermission(call, reading)
                return try body(call, reading)
            }
        case .write(let body):
            let (reply, effects) = try await self.api.database.write { transaction in
                try self.endpoint.requirePermission(call, transaction.reading)
                if let repeated = try Self.repeated(repeatable, call, transaction.reading) {
                    return (repeated, Effects())
                }
                var effects = Effects()
                let reply = try body(call, transaction, &effects)
                try Self.remember(reply, repeatable, call, transaction)
                return (reply, effects)
            }
            if effects.denyListChanged { self.api.services.listener.denyListChanged() }
            if effects.contentChanged { self.api.services.listener.contentChanged() }
            return reply
        case .ask(let body):
            let repeated = try await self.api.database.read { reading in
                try self.endpoint.requirePermission(call, reading)
                return try Self.repeated(repeatable, call, reading)
            }
            if let repeated { return repeated }
            let reply = try await body(call)
            guard let repeatable else { return reply }
            // Somebody may have sent the same meanwhile: whoever was first is answered for both.
            return try await self.api.database.write { transaction in
                if let repeated = try Self.repeated(repeatable, call, transaction.reading) { return repeated }
                try Self.remember(reply, repeatable, call, transaction)
                return reply
            }
        }
    }

    private static func repeated(_ repeatable: Repeatable?, _ call: Call, _ reading: Reading) throws -> Reply? {
        guard let repeatable else { return nil }
        let answer = try reading.answer(
            for: repeatable.key,
            of: call.caller.name,
            request: repeatable.digest,
            at: call.now
        )
        guard let answer else { return nil }
        var headers = ["Idempotency-Replayed": "true"]
        if case .object(let kept) = try JSON.parse(Array(answer.headers.utf8)) {
            for (name, value) in kept { headers[name] = value.string }
        }
        return Reply(answer.status, try JSON.parse(Array(answer.body.utf8)), headers: headers)
    }

    private static func remember(
        _ reply: Reply,
        _ repeatable: Repeatable?,
        _ call: Call,
        _ transaction: Transaction
    ) throws {
        guard let repeatable else { return }
        let answer = AnsweredRequest(
            status: reply.status,
            headers: JSON.object(reply.headers.mapValues(JSON.string)).canonical,
            body: reply.body.canonical
        )
        try transaction.remember(
            answer,
            for: repeatable.key,
            of: call.caller.name,
            request: repeatable.digest,
            at: call.now
        )
    }
}
