import HTTPTypes
import Hummingbird
import NIOCore

/// The one place where what the console says becomes HTTP, with everything that keeps browsers from doing more.
enum ConsoleResponse {
    /// No script and no style but ours, nothing from elsewhere, forms only to us, in nobody's frame.
    private static let policy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; \
        frame-ancestors 'none'; base-uri 'none'
        """

    static func page(_ status: Int, _ html: String) -> Response {
        self.response(status, "text/html; charset=utf-8", html)
    }

    static func plain(_ status: Int, _ text: String) -> Response {
        self.response(status, "text/plain; charset=utf-8", text)
    }

    static func download(_ file: Download) -> Response {
        var response = self.response(200, file.type, file.text)
        response.headers[.contentDisposition] = "attachment; filename=\"\(file.name)\""
        return response
    }

    /// After a form: the next page is looked at, so that going back or reloading does nothing again.
    static func redirect(to location: String) -> Response {
        var response = self.response(303, "text/plain; charset=utf-8", "")
        response.headers[.location] = location
        return response
    }

    /// Its address has its digest, so it may be kept for long.
    static func asset(_ asset: ConsoleAssets.Asset, version: String?, ifNoneMatch: String?) -> Response {
        let isKnown = ifNoneMatch == asset.etag
        var response = Response(
            status: isKnown ? .notModified : .ok,
            headers: self.headers(asset.type),
            body: isKnown ? .init() : ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes))
        )
        response.headers[.eTag] = asset.etag
        // Another version may be asked for while two builds stand behind one address.
        if asset.etag == "\"\(version ?? "")\"" { response.headers[.cacheControl] = "private, max-age=86400" }
        return response
    }

    private static func response(_ status: Int, _ type: String, _ text: String) -> Response {
        Response(
            status: .init(code: status),
            headers: self.headers(type),
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    private static func headers(_ type: String) -> HTTPFields {
        var headers: HTTPFields = [
            .contentType: type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy: self.policy,
        ]
        // `same-origin` and not `no-referrer`, under which browsers say `Origin: null` with our own forms.
        let others = [
            "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        ]
        for (name, value) in others {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }
}
