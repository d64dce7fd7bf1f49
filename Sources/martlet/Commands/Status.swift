import ArgumentParser
import Platform

struct Status: ServerCommand {
    static let configuration = CommandConfiguration(abstract: "The control plane and its fleet at a glance.")
    @OptionGroup var options: ServerOptions

    func perform(on server: Server) async throws {
        let reply = try await server.call(.get, "/status")
        guard !self.options.json else { return try self.showJSON(reply.value) }
        let lines = [
            ("environment", "environment"), ("snapshot", "snapshot"), ("publish error", "lastPublishError"),
            ("nodes live", "nodes.live"), ("nodes silent", "nodes.silent"), ("proposals open", "proposals.open"),
        ]
        for (label, path) in lines {
            let padding = String(repeating: " ", count: 16 - label.count)
            Terminal.say("\(label)\(padding)\(reply.value[path: path].cell)")
        }
    }
}
