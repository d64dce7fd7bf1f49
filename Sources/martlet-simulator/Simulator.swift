import ArgumentParser

/// A simulated provider in the OpenAI dialect: it answers, misbehaves when told to, and counts what it did.
@main
struct Simulator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-simulator",
        abstract: "A simulated LLM provider for tests and benchmarks.",
        discussion: """
            Knobs say how an answer looks and what goes wrong. They are written `name=value;name=value` and come from three \
            places, the later over the earlier: --knobs, the model name after a `;` (`sim;chunks=3`), and the request \
            body's metadata member `sim`.

            \(Knobs.help)
            """,
        subcommands: [Serve.self, Load.self, Attack.self]
    )
}
