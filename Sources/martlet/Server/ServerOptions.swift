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

    func server() throws -> Server {
        let home = ProcessInfo.processInfo.environment["HOME"].map { "\($0)/.config/martlet/config.yaml" }
        let options = try Options(
            flags: ["url": self.url, "token": self.token, "config": self.config, "ca-bundle": self.caBundle],
            defaultFile: home
        )
        let token = try options.required("token", hint: "an admin token of the control plane")
        return Server(
            url: try options.string("url", default: "http://127.0.0.1:8400"),
            token: token,
            caBundle: try options.string("ca-bundle")
        )
    }
}
