import ArgumentParser
import Platform

/// `martlet`: the control plane's administration for people and scripts, over its REST API.
@main
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Administer a Martlet control plane.",
        discussion: """
            The control plane and the token come from --url and --token, MARTLET_URL and MARTLET_TOKEN, or the keys url \
            and token in ~/.config/martlet/config.yaml, in that order of strength.

            Exit codes: 0 done, 64 the request was wrong or refused, 69 the control plane cannot be reached or failed, \
            78 the configuration or the token is bad.

            `martlet --generate-completion-script bash` (or zsh, fish) prints what makes the shell complete commands.
            """,
        subcommands: [
            Status.self, Me.self, Apply.self, Diff.self, Export.self, Proposals.self, Models.self, Prompts.self,
            Budgets.self, Limits.self, Keys.self, Secrets.self, Principals.self, Issuers.self, Usage.self,
            Snapshots.self, Nodes.self, Audit.self,
            Evidence.self,
        ]
    )
}
