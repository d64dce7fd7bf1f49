package import Domain
import Storage

/// One admin request that was read, authenticated and permitted.
package struct Call: Sendable {
    package let caller: Caller
    /// Of the path, decoded once.
    package let parameters: [String: String]
    package let query: [String: String]
    /// Nil if the request has none.
    package let body: JSON?
    package let ifMatch: String?
    package let now: Timestamp
    package let id: String
    /// The kind of things in the address, if that begins with one.
    let kind: Kind?

    func parameter(_ name: String) -> String { self.parameters[name] ?? "" }

    /// The body; `{}` where it may be left out.
    var bodyOrEmpty: JSON { self.body ?? .object([:]) }

    func deed(reason: String = "") -> Deed {
        Deed(by: self.caller.name, at: self.now, reason: reason, request: self.id)
    }

    /// A number of the query within `range`.
    func integer(_ name: String, in range: ClosedRange<Int>, default absent: Int) throws -> Int {
        guard let text = self.query[name] else { return absent }
        guard let number = Int(text), range.contains(number) else {
            throw Problem.badQuery(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func flag(_ name: String) throws -> Bool {
        switch self.query[name] {
        case nil, "false": return false
        case "true": return true
        default: throw Problem.badQuery(name, "must be true or false")
        }
    }

    static let pageDefault = 50
    static let pageMax = 200

    func pageSize() throws -> Int { try self.integer("limit", in: 1...Self.pageMax, default: Self.pageDefault) }

    /// The `after` of a collection that is ordered by number.
    func afterNumber() throws -> Int64? {
        guard let text = self.query["after"] else { return nil }
        guard let number = Int64(text), number >= 0 else {
            throw Problem.badQuery("after", "must be the `next` of the page before")
        }
        return number
    }

    /// What `If-Match` asks for: one revision, or any.
    func expectation() throws -> Expectation {
        guard let text = self.ifMatch else { throw Problem.preconditionRequired }
        if text == "*" { return .present }
        let trimmed = text.hasPrefix("\"") && text.hasSuffix("\"") && text.count > 2 ? text.dropFirst().dropLast() : ""
        // A tag that was never ours matches nothing; revisions begin at 1.
        return .revision(Int64(trimmed) ?? 0)
    }

    /// For verbs, where `If-Match` may be left out.
    func seenOrPresent() throws -> Expectation { self.ifMatch == nil ? .present : try self.expectation() }

    /// For verbs, where `If-Match` may be left out: whoever sends it acts on the revision that they saw, or not at all.
    func checkIfMatch(_ kind: Kind, _ reading: Reading) throws {
        guard self.ifMatch != nil, case .revision(let seen) = try self.expectation(),
            let latest = try reading.latest(kind, self.parameter("name")), latest.state != .archived
        else { return }
        guard latest.revision == seen else { throw Problem.stale(latest: latest.revision) }
    }

    /// The optional `reason` of a verb whose body holds nothing else.
    func reason() throws -> String {
        var form = Form(self.bodyOrEmpty)
        let reason = form.textIfPresent("reason", lengthMax: 1_000)
        form.finish()
        guard form.isGood else { throw Refusal(problems: form.problems) }
        return reason ?? ""
    }
}

/// What an endpoint answers.
package struct Reply: Hashable, Sendable {
    package let status: Int
    package let body: JSON
    package let headers: [String: String]
    /// Members that are shown this once: they stand in the reply, but not in what is remembered for a repeated request.
    package let shownOnce: [String: JSON]

    package init(_ status: Int = 200, _ body: JSON, headers: [String: String] = [:], shownOnce: [String: JSON] = [:]) {
        self.status = status
        self.body = body
        self.headers = headers
        self.shownOnce = shownOnce
    }

    /// A page of a collection; `next` is what to send as `after`, and is absent on the last page.
    static func page(_ items: [JSON], next: String?) -> Reply {
        var members: [String: JSON] = ["items": .array(items)]
        if let next { members["next"] = .string(next) }
        return Reply(200, .object(members))
    }

    /// One more than a page was read: whether there is another page.
    static func page<Row>(
        _ rows: [Row],
        limit: Int,
        cursor: (Row) -> String,
        json: (Row) throws -> JSON
    ) rethrows
        -> Reply
    {
        let shown = rows.prefix(limit)
        let next = rows.count > limit ? shown.last.map(cursor) : nil
        return .page(try shown.map(json), next: next)
    }
}

/// What a write did that others must hear of, once it is committed.
package struct Effects: Hashable, Sendable {
    package var contentChanged = false
    package var denyListChanged = false
}

/// Thrown out of a write to take all of it back and still answer: a dry run.
struct DryRun: Error {
    let reply: Reply
}
