package import Domain
import GRDB

/// The answer that a request with an idempotency key was given. Never holds a secret: what is shown once is left out.
package struct AnsweredRequest: Hashable, Sendable {
    package let status: Int
    /// A JSON object of header names and values.
    package let headers: String
    package let body: String

    package init(status: Int, headers: String, body: String) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// How long a key is remembered.
    package static let keptMilliseconds: Int64 = 24 * 60 * 60 * 1_000
}

extension Transaction {
    /// Remembers the answer, in the transaction of what it answers: a request is either done and remembered or
    /// neither. Answers that are too old are forgotten on the way.
    package func remember(
        _ answer: AnsweredRequest,
        for key: String,
        of principal: String,
        request: Digest,
        at now: Timestamp
    ) throws {
        try self.db.execute(
            sql: "DELETE FROM answeredRequest WHERE created <= ?",
            arguments: [now.advanced(byMilliseconds: -AnsweredRequest.keptMilliseconds).column]
        )
        try self.db.execute(
            sql: """
                INSERT INTO answeredRequest (principal, key, request, status, headers, body, created)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                principal, key, request.column, answer.status, answer.headers, answer.body, now.column,
            ]
        )
    }
}

extension Reading {
    /// The answer given earlier to the same request under this key; nil if the key is new or a day old.
    ///
    /// - Throws: `StorageFault.otherRequest` if the key came with another request.
    package func answer(
        for key: String,
        of principal: String,
        request: Digest,
        at now: Timestamp
    ) throws -> AnsweredRequest? {
        let row = try Row.fetchOne(
            self.db,
            sql: "SELECT * FROM answeredRequest WHERE principal = ? AND key = ? AND created > ?",
            arguments: [principal, key, now.advanced(byMilliseconds: -AnsweredRequest.keptMilliseconds).column]
        )
        guard let row else { return nil }
        guard try row.digest("request") == request else { throw StorageFault.otherRequest }
        return AnsweredRequest(status: row["status"], headers: row["headers"], body: row["body"])
    }
}
