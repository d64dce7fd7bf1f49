import HTTPTypes
package import Hummingbird
import NIOCore

/// `/healthz`, `/readyz` and `/metrics`, for operators and probes; they need no key and say nothing of any customer.
package struct OperationsRoutes: Sendable {
    private let readiness: Readiness
    private let metrics: MetricRegistry

    package init(_ readiness: Readiness, _ metrics: MetricRegistry) {
        self.readiness = readiness
        self.metrics = metrics
    }

    package func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.get("healthz") { _, _ in Self.reply(.ok, "text/plain; charset=utf-8", "ok\n") }
        router.get("readyz") { _, _ in self.ready() }
        router.get("metrics") { _, _ in
            Self.reply(.ok, MetricRegistry.contentType, self.metrics.prometheusText())
        }
    }

    private func ready() -> Response {
        let reasons = self.readiness.reasons()
        let list = reasons.map(JSONText.quoted).joined(separator: ",")
        let body = "{\"ready\":\(reasons.isEmpty),\"reasons\":[\(list)]}\n"
        return Self.reply(reasons.isEmpty ? .ok : .serviceUnavailable, "application/json", body)
    }

    private static func reply(_ status: HTTPResponse.Status, _ type: String, _ text: String) -> Response {
        let headers: HTTPFields = [.contentType: type, .cacheControl: "no-store"]
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
