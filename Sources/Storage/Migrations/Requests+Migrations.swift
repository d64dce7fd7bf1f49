import GRDB

extension DatabaseMigrator {
    mutating func registerRequests() {
        self.register(
            "2026-11-24 requests",
            sql: """
                -- Answers given, by idempotency key, so that a repeated request gets the same one.
                CREATE TABLE answeredRequest (
                    principal TEXT NOT NULL,
                    key TEXT NOT NULL,
                    request BLOB NOT NULL CHECK (length(request) = 32),
                    status INTEGER NOT NULL,
                    headers TEXT NOT NULL CHECK (json_valid(headers)),
                    body TEXT NOT NULL,
                    created INTEGER NOT NULL,
                    PRIMARY KEY (principal, key)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX answeredRequestByAge ON answeredRequest (created);
                """
        )
    }
}
