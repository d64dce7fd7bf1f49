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
                ? Problem.notFound("such path; /openapi.json lists them all")
                : Problem(code, "http", error.status.reasonPhrase, error.body ?? error.status.reasonPhrase)
            return AdminResponse.problem(problem, id: "\(context.id)")
        }
    }
}
