import ArgumentParser
import Platform

extension Models {
    struct ImportPrices: ServerCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose prices from LiteLLM's public map.",
            discussion: """
                Reads model_prices_and_context_window.json and proposes the prices that differ, for models that are in \
                the catalogue; says which models the map does not have, and which of its prices have no place here. \
                Somebody else approves them, as every price.
                """
        )

        @Argument(help: "The map; - reads standard input.")
        var file: String
        @Option(help: "Where the map has a model under another name: provider/name=ENTRY; may be repeated.")
        var entry: [String] = []
        @Flag(help: "Show what would change, and change nothing.")
        var dryRun = false
        @OptionGroup var options: ServerOptions

        func perform(on server: Server) async throws {
            let entries = try self.entries()
            let map = try PublicPriceMap(try Input.bytes(of: self.file, bytesMax: PublicPriceMap.bytesMax))
            let models = try await server.call(.get, "/export").value["models"].array
            var states: [String: String] = [:]
            try await server.eachItem("/models") { states[$0["name"].cell] = $0["state"].cell }
            let prices = PriceImport(models, in: states, from: map, entries: entries)
            let path = self.dryRun ? "/apply?dryRun=true" : "/apply"
            let reply = try await server.call(.post, path, try .json(prices.bundle))
            guard !self.options.json else { return try self.showJSON(reply.value) }
            Terminal.say(
                (prices.lines.map(Terminal.oneLine) + [ChangeReport(reply.value).text]).joined(separator: "\n")
            )
        }

        func entries() throws -> [String: String] {
            var entries: [String: String] = [:]
            for pair in self.entry {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else {
                    throw Refusal(exit: .usage, lines: ["--entry: give provider/name=ENTRY, not \(pair)"])
                }
                entries[String(parts[0])] = String(parts[1])
            }
            return entries
        }
    }
}
