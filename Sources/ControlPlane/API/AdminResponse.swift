import HTTPTypes
import Hummingbird
import NIOCore

/// The one place where replies and problems become HTTP.
enum AdminResponse {
    static func reply(_ reply: Reply, id: String) -> Response {
        var response = self.json(reply.status, reply.body.merging(reply.shownOnce).canonical)
        self.add(reply.headers, id: id, to: &response)
        return response
    }

    static func problem(_ problem: Problem, id: String) -> Response {
        var response = self.json(problem.status, problem.json(request: id).canonical)
        response.headers[.contentType] = "application/problem+json"
        self.add(problem.headers, id: id, to: &response)
        return response
    }

    static func json(_ status: Int, _ text: String) -> Response {
        Response(
            status: .init(code: status),
            headers: [
                .contentType: "application/json", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    private static func add(_ headers: [String: String], id: String, to response: inout Response) {
        for (name, value) in headers.merging(["martlet-request-id": id], uniquingKeysWith: { first, _ in first }) {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
    }
}

/// Paths and methods that the router does not have, and what fails before an endpoint is reached.
struct ProblemMiddleware: RouterMiddleware {
    /// The methods of every path, by its segments.
    private let methods: [[Substring]: [String]]

    init(_ endpoints: [Endpoint]) {
        let known = Dictionary(grouping: endpoints, by: \.path).map { path, endpoints in
            (path.split(separator: "/"), endpoints.map(\.method.rawValue).sorted())
        }
        self.methods = Dictionary(uniqueKeysWithValues: known)
    }

    @concurrent
    func handle(
        _ request: Request,
        context: AdminContext,
        next: @concurrent (Request, AdminContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            let code = error.status.code
            let problem =
                code == 404
                ? self.problem(at: request.uri.path)
                : Problem(code, "http", error.status.reasonPhrase, error.body ?? error.status.reasonPhrase)
            return AdminResponse.problem(problem, id: "\(context.id)")
        }
    }

    /// A path that is there answers every method: what it does not take is a 405 that says what it takes.
    private func problem(at path: String) -> Problem {
        let segments = path.split(separator: "/")
        let fitting = self.methods.keys.filter { known in
            segments.first == "v1" && known.count == segments.count - 1
                && zip(known, segments.dropFirst()).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        // `nodes/tokens` is no node.
        let plainest = fitting.min { $0.count { $0.hasPrefix("{") } < $1.count { $0.hasPrefix("{") } }
        guard let taken = plainest.flatMap({ self.methods[$0] }) else {
            return .notFound("such path; /openapi.json lists them all")
        }
        return .methodNotAllowed(taken: taken)
    }
}
