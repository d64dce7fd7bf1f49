import Domain

/// One request of somebody who is signed in: who, what they ask for, and the door to the admin API through which every
/// page looks and every form acts.
struct Visit: Sendable {
    let door: InnerDoor
    let caller: Caller
    /// Of the path, decoded once.
    let parameters: [String: String]
    let query: FormFields
    /// What a form sent; nothing for a page that is only looked at.
    let form: FormFields
    let now: Timestamp
    /// The request's id, as in the audit log.
    let id: String
    /// Why the form was not done; its page shows this beside what was typed.
    var refusal: Problem?

    func parameter(_ name: String) -> String { self.parameters[name] ?? "" }

    /// What was typed into a form that is shown again.
    func typed(_ name: String) -> String { self.form[name] ?? "" }

    // MARK: - The admin API

    func get(
        _ path: String,
        _ parameters: [String: String] = [:],
        query: [String: String] = [:]
    ) async throws -> JSON {
        var request = InnerDoor.Request(.get, path)
        request.parameters = parameters
        request.query = query
        return try await self.door.answer(request, as: self.caller, id: self.id).body
    }

    /// Does what the form says, on the revision that its page showed, once.
    @discardableResult
    func send(
        _ method: Endpoint.Method,
        _ path: String,
        _ parameters: [String: String] = [:],
        _ body: [String: JSON]
    ) async throws -> JSON {
        var request = InnerDoor.Request(method, path)
        request.parameters = parameters
        request.body = .object(body)
        request.revision = self.form["revision"]
        request.idempotencyKey = self.form["once"]
        return try await self.door.answer(request, as: self.caller, id: self.id).body
    }

    /// Whether the principal's roles permit it; what they do not is not offered.
    func may(_ method: Endpoint.Method, _ path: String) -> Bool {
        self.door.mayAdmit(self.caller, method, path)
    }

    /// The same for one thing: some of a kind are the principal's teams' and others are not.
    func may(_ method: Endpoint.Method, _ path: String, _ parameters: [String: String]) async throws -> Bool {
        var request = InnerDoor.Request(method, path)
        request.parameters = parameters
        return try await self.door.admits(request, as: self.caller, id: self.id)
    }

    /// The reason that a form gives, as the admin API's verbs take it.
    var reason: [String: JSON] { self.form["reason"].map { ["reason": .string($0)] } ?? [:] }
}
