import HTTPTypes
package import Hummingbird

/// Counts a listener's requests and how long they took.
package struct RequestMiddleware<Context: RequestContext>: RouterMiddleware {
    private let requests: ControlMetrics.Requests

    init(_ requests: ControlMetrics.Requests) { self.requests = requests }

    @concurrent
    package func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        do {
            let response = try await next(request, context)
            self.requests.answered(response.status.code, in: start.duration(to: .now))
            return response
        } catch let error as any HTTPResponseError {
            self.requests.answered(error.status.code, in: start.duration(to: .now))
            throw error
        } catch {
            self.requests.answered(500, in: start.duration(to: .now))
            throw error
        }
    }
}
