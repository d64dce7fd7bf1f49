import Domain
import Logging
import Platform

/// The files that pages name: our own stylesheet and script, and Bootstrap and Chart.js from where the system keeps them.
/// Without those pages are plainer and without charts.
struct ConsoleAssets: Sendable {
    struct Asset: Sendable {
        let type: String
        let bytes: [UInt8]
        let etag: String
        /// With its digest, so that a new version is another address.
        let link: String

        init(_ name: String, _ type: String, _ bytes: [UInt8]) {
            let digest = Digest.sha256(bytes).hex.prefix(16)
            self.type = type
            self.bytes = bytes
            self.etag = "\"\(digest)\""
            self.link = Link.to(Link.to("assets", name), query: ["v": String(digest)])
        }
    }

    /// Where Debian's libjs-bootstrap5 and libjs-chart.js put them, and the Node packages of the same.
    private static let places: [(name: String, type: String, paths: [String])] = [
        (
            "bootstrap.min.css", "text/css; charset=utf-8",
            [
                "/usr/share/javascript/bootstrap5/css/bootstrap.min.css",
                "/usr/share/nodejs/bootstrap/dist/css/bootstrap.min.css",
            ]
        ),
        (
            "chart.min.js", "text/javascript; charset=utf-8",
            ["/usr/share/javascript/chart.js/chart.min.js", "/usr/share/nodejs/chart.js/dist/chart.min.js"]
        ),
    ]

    /// Bootstrap and Chart.js have a fifth of it.
    private static let bytesMax = 1 << 20

    private let assets: [String: Asset]

    /// With a `folder` they are looked for there and nowhere else.
    init(folder: String?, logger: Logger) {
        var assets: [String: Asset] = [
            "console.css": Asset("console.css", "text/css; charset=utf-8", Array(Self.stylesheet.utf8)),
            "console.js": Asset("console.js", "text/javascript; charset=utf-8", Array(Self.script.utf8)),
            "martlet.svg": Asset("martlet.svg", "image/svg+xml", Array(Self.mark.utf8)),
        ]
        for (name, type, paths) in Self.places {
            let places = folder.map { ["\($0)/\(name)"] } ?? paths
            guard let bytes = places.lazy.compactMap({ Self.read($0, logger) }).first else {
                logger.notice(
                    "the console goes without \(name)",
                    metadata: ["console.looked-in": "\(places.joined(separator: ", "))"]
                )
                continue
            }
            assets[name] = Asset(name, type, bytes)
        }
        self.assets = assets
    }

    subscript(_ name: some StringProtocol) -> Asset? { self.assets[String(name)] }

    var stylesheets: [String] { ["bootstrap.min.css", "console.css"].compactMap { self.assets[$0]?.link } }

    /// Only both together draw anything.
    var chartScripts: [String] {
        self.assets["chart.min.js"].map { [$0.link, self.assets["console.js"]?.link ?? ""] } ?? []
    }

    var icon: String { self.assets["martlet.svg"]?.link ?? "" }

    private static func read(_ path: String, _ logger: Logger) -> [UInt8]? {
        do {
            return try DurableFile.readIfPresent(path, bytesMax: self.bytesMax)
        } catch {
            logger.notice("a file of the console cannot be read", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
