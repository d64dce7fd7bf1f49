import ArgumentParser
import Platform

extension Budgets {
    /// Not to be mixed up with `martlet status`, which is about the installation.
    struct Standing: ServerCommand {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "What is spent, lent and left of budgets in the window that is now.",
            discussion: """
                POSTED is what usage has cost, PENDING what nodes hold and may still spend, LEFT what can be lent. Of \
                a budget that counts apart these are sums over all that has an account (UNITS).
                """
        )
        @Argument(help: "A budget's name; without it, all that are in force.")
        var name: String?
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            guard let name = self.name else {
                let items = try await server.items("/budgets").filter { $0["status"] != .null }
                return try self.show(items, as: Self.table)
            }
            let item = try await server.call(.get, "/budgets/\(Server.escaped(name))").value
            guard !self.options.json else { return try self.showJSON(item["status"]) }
            guard item["status"] != .null else { return Terminal.say("\(name) is not in force") }
            Terminal.say(Self.table.lines([item]).joined(separator: "\n"))
            let leases = item["status"]["leases"].array
            guard !leases.isEmpty else { return Terminal.say("\nno node holds any of it") }
            Terminal.say("\n" + Self.leases.lines(leases).joined(separator: "\n"))
        }

        static let table = Table([
            .init("BUDGET", "name"), .init("WINDOW", "status.window.name"), .init("UNITS", "status.units"),
            .init("LIMIT", "status.limit"), .init("POSTED", "status.posted"), .init("PENDING", "status.pending"),
            .init("UNCONFIRMED", "status.unconfirmed"), .init("OVERSPENT", "status.overspent"),
            .init("LEFT", "status.available"),
        ])

        static let leases = Table([
            .init("NODE", "node"), .init("LEASES", "leases"), .init("GRANTED", "granted"),
            .init("RETURNED", "returned"), .init("USED", "used"), .init("POSTED", "posted"),
            .init("PENDING", "pending"),
        ])
    }
}
