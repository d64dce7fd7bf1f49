import ArgumentParser

/// `martlet-node`: live traffic under a signed snapshot.
@main
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-node",
        abstract: "Serve LLM traffic as a Martlet control plane says.",
        subcommands: [Serve.self]
    )
}
