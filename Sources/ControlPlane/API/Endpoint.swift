package import Storage

/// One method on one path of the admin API: who may call it, what it is for in the OpenAPI document, what it does.
package struct Endpoint: Sendable {
    package let method: Method
    /// `/models/{name}/propose`, beneath `/v1`.
    package let path: String
    package let permission: Permission
    package let reach: Reach
    package let summary: String
    /// The names of schemas in the OpenAPI document; nil for no body.
    package let bodySchema: String?
    package let isBodyRequired: Bool
    package let replySchema: String
    /// Every status of a success.
    package let statuses: [Int]
    /// Query items that it knows; any other is refused.
    package let query: [String]
    package let bodyBytesMax: Int
    package let takesYAML: Bool
    package let action: Action

    package enum Method: String, Hashable, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    package enum Action: Sendable {
        /// Looks at one state of the database.
        case read(@Sendable (Call, Reading) throws -> Reply)
        /// Changes things in one transaction, together with what is remembered under an idempotency key.
        case write(@Sendable (Call, Transaction, inout Effects) throws -> Reply)
        /// Asks another room of the control plane, which has transactions of its own.
        case ask(@Sendable (Call) async throws -> Reply)
    }

    package static let bodyBytesDefault = 1 << 20

    package init(
        _ method: Method,
        _ path: String,
        _ permission: Permission,
        _ summary: String,
        body: String? = nil,
        isBodyRequired: Bool = true,
        reply: String,
        statuses: [Int] = [200],
        query: [String] = [],
        reach: Reach = .everywhere,
        bodyBytesMax: Int = Endpoint.bodyBytesDefault,
        takesYAML: Bool = false,
        _ action: Action
    ) {
        self.method = method
        self.path = path
        self.permission = permission
        self.reach = reach
        self.summary = summary
        self.bodySchema = body
        self.isBodyRequired = isBodyRequired
        self.replySchema = reply
        self.statuses = statuses
        self.query = query
        self.bodyBytesMax = bodyBytesMax
        self.takesYAML = takesYAML
        self.action = action
    }

    /// The kind of things that its path begins with, if it does.
    var kind: Kind? { self.path.split(separator: "/").first.flatMap { Kind(rawValue: String($0)) } }

    package var isWrite: Bool { self.method != .get }

    /// The same endpoint doing something else.
    func with(_ action: Action) -> Endpoint {
        Endpoint(
            self.method,
            self.path,
            self.permission,
            self.summary,
            body: self.bodySchema,
            isBodyRequired: self.isBodyRequired,
            reply: self.replySchema,
            statuses: self.statuses,
            query: self.query,
            reach: self.reach,
            bodyBytesMax: self.bodyBytesMax,
            takesYAML: self.takesYAML,
            action
        )
    }
}
