package import Domain
package import Storage

/// The content of one kind of thing: what people write as JSON or YAML ⇄ a value.
///
/// Reading what `json` gives yields the same value; so two contents are the same if and only if their texts are.
package protocol CatalogContent: Hashable, Sendable {
    static var kind: Kind { get }

    /// Nil only if the form has at least one problem.
    init?(_ form: inout Form)

    /// What it is called; the name in its address.
    var title: String { get }
    var json: JSON { get }

    /// What it names of other things, with pointers.
    var references: [Reference] { get }

    /// The kinds that `references` can be of, so that archiving a team does not read every route.
    static var kindsNamed: Set<Kind> { get }

    /// Whose it is: whoever has a role for that team may see it, and write it where the endpoint lets them. Nil for what
    /// all teams share.
    var owner: Name<Team>? { get }

    /// What is wrong with it beside other things as they are in force or written now.
    func problems(beside surroundings: Surroundings) throws -> [FieldProblem]

    /// Whether this may take effect only after approval. `approved` is the content that came into force last, if any
    /// ever did; it may have been stopped or archived since.
    func needsApproval(after approved: Self?, isInForce: Bool) -> Bool

    /// Whether writing what needs approval also asks for it. Where not, it is a draft until somebody proposes it.
    static var isProposedWhenWritten: Bool { get }

    /// Why it cannot be archived while this is in force, in a sentence that says what to do.
    var reasonToStay: String? { get }

    /// What else must happen when this is written: `written` is what was written last, archived or not.
    func follow(_ written: Self?, in transaction: Transaction, by deed: Deed) throws

    /// What else must happen when the thing of this name has been archived. Throws a `Problem` where it must not be.
    static func followArchiving(of name: String, in transaction: Transaction, by deed: Deed) throws

    /// Whether nodes are told at once, by the deny list, that one is out of force.
    static var isDenied: Bool { get }

    /// What approving this would bring, beside the fields that differ.
    func news(in reading: Reading) throws -> News

    /// For fields that a later version will know: why they are refused now.
    static var hints: [String: String] { get }
}

extension CatalogContent {
    package var references: [Reference] { [] }
    package static var kindsNamed: Set<Kind> { [] }
    package var owner: Name<Team>? { nil }
    package func problems(beside surroundings: Surroundings) throws -> [FieldProblem] { [] }
    package func needsApproval(after approved: Self?, isInForce: Bool) -> Bool { false }
    package func follow(_ written: Self?, in transaction: Transaction, by deed: Deed) throws {}
    package var reasonToStay: String? { nil }
    package static func followArchiving(of name: String, in transaction: Transaction, by deed: Deed) throws {}
    package static var isDenied: Bool { false }
    package func news(in reading: Reading) throws -> News { News() }
    package static var isProposedWhenWritten: Bool { true }
    package static var hints: [String: String] { [:] }
}

/// What a change would bring into force that was written before it.
package struct News: Hashable, Sendable {
    /// Who wrote it. They do not approve the change: four eyes would be two.
    package var authors: Set<String> = []
    /// Texts that changed, for people to read.
    package var texts: [JSON] = []
}

/// One thing's mention of another.
package struct Reference: Hashable, Sendable {
    package let pointer: String
    package let kind: Kind
    package let name: String
}

/// What a check may look at.
package struct Surroundings {
    package let reading: Reading
    /// Ports on this machine that must never be a provider.
    package let ownPorts: Set<Int>
}

/// A revision whose content this build cannot read: written by a newer build, or damaged.
package struct UnreadableContent: Error, Hashable, Sendable {
    package let subject: String
    package let problems: [FieldProblem]
}

extension CatalogContent {
    /// Reads what people wrote; throws everything that is wrong with it.
    package static func read(
        _ json: JSON,
        at pointer: String = "",
        ignoring ignored: Set<String> = []
    ) throws(Refusal)
        -> Self
    {
        var form = Form(json, at: pointer, ignoring: ignored)
        let content = form.isGood ? Self(&form) : nil
        if case .object = json { form.finish(hints: self.hints) }
        guard let content, form.isGood else { throw Refusal(problems: form.problems) }
        return content
    }

    /// Reads what was stored.
    package static func read(_ revision: Revision) throws -> Self {
        do {
            return try self.read(JSON.parse(Array(revision.content.utf8)))
        } catch let refusal as Refusal {
            throw UnreadableContent(subject: "\(revision.kind.singular)/\(revision.name)", problems: refusal.problems)
        }
    }

    /// The content that was approved last, though it may have been stopped or archived since; nil if none ever was.
    package static func lastApproved(_ name: String, in reading: Reading) throws -> Self? {
        try reading.lastApproved(self.kind, name).map { try self.read($0) }
    }
}

/// Everything that is wrong with what somebody wrote; never empty.
package struct Refusal: Error, Hashable, Sendable {
    package let problems: [FieldProblem]
}

extension Kind {
    /// How the contents of this kind are read and written.
    package var content: any CatalogContent.Type {
        switch self {
        case .teams: Team.self
        case .roles: Role.self
        case .keys: KeyContent.self
        case .secrets: SecretContent.self
        case .providers: Provider.self
        case .models: ModelContent.self
        case .routes: Route.self
        case .prompts: Prompt.self
        case .principals: PrincipalContent.self
        case .issuers: IssuerContent.self
        case .budgets: Budget.self
        case .limits: Limit.self
        }
    }
}
