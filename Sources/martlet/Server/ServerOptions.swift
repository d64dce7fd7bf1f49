import ArgumentParser
import Foundation
import Platform

/// The options that every command shares.
struct ServerOptions: ParsableArguments {
    @Option(help: "The control plane's admin address (MARTLET_URL). Default http://127.0.0.1:8400.")
    var url: String?

    @Option(help: "An admin token (MARTLET_TOKEN). Prefer the variable: other users can see a flag.")
    var token: String?

    @Option(help: "Configuration file. Default ~/.config/martlet/config.yaml.")
    var config: String?

    @Option(help: "PEM file with the authorities to believe instead of the system's.")
    var caBundle: String?

    @Flag(help: "Print the reply's JSON instead of a table.")
    var json = false

    private static let configBytesMax = 1 << 20

    func server(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Server {
        let home = environment["HOME"].map { "\($0)/.config/martlet/config.yaml" }
        let options = try Options(
            flags: ["url": self.url, "token": self.token, "config": self.config, "ca-bundle": self.caBundle],
            environment: environment,
            defaultFile: home
        )
        if let file = self.config ?? environment["MARTLET_CONFIG"] ?? home { try Self.checkTokenIsPrivate(in: file) }
        let token = try options.required("token", hint: "an admin token of the control plane")
        return Server(
            url: try Self.checked(try options.string("url", default: "http://127.0.0.1:8400")),
            token: token,
            caBundle: try options.string("ca-bundle")
        )
    }

    /// A file with a token in it is a key: nobody else may read it. One without is anybody's.
    private static func checkTokenIsPrivate(in path: String) throws(StartupFault) {
        do throws(FileFault) {
            let bytes = try DurableFile.readIfPresent(path, bytesMax: Self.configBytesMax) ?? []
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            guard lines.contains(where: { $0.hasPrefix("token:") }) else { return }
            _ = try DurableFile.read(path, bytesMax: Self.configBytesMax, audience: .owner)
        } catch {
            throw StartupFault(.configuration, "configuration file: \(error)")
        }
    }

    private static func checked(_ url: String) throws(StartupFault) -> String {
        let rest = ["http://", "https://"].compactMap { url.hasPrefix($0) ? url.dropFirst($0.count) : nil }.first
        guard let first = rest?.first, first != "/", !url.contains(where: { "?#@ ".contains($0) }) else {
            throw StartupFault(.configuration, "url: must be the admin address, such as http://127.0.0.1:8400")
        }
        return url
    }
}
