import GRDB

extension DatabaseMigrator {
    mutating func registerAccounts() {
        self.register(
            "2026-11-24 accounts",
            sql: """
                -- The texts that open the traffic API, as digests. Two of one key are good while a rotation overlaps.
                CREATE TABLE keyDigest (
                    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
                    key TEXT NOT NULL,
                    created INTEGER NOT NULL,
                    expires INTEGER
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX keyDigestByKey ON keyDigest (key);

                -- The texts that open the admin API, as digests.
                CREATE TABLE principalToken (
                    id TEXT PRIMARY KEY,
                    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
                    principal TEXT NOT NULL,
                    created INTEGER NOT NULL,
                    expires INTEGER,
                    revoked INTEGER
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX principalTokenByPrincipal ON principalToken (principal);
                """
        )
        self.register(
            "2026-11-28 token grants",
            sql: """
                -- Canonical JSON of what a token may do at most; NULL: all that its principal may.
                ALTER TABLE principalToken ADD COLUMN grants TEXT;
                """
        )
        self.register(
            "2026-11-28 issuer keys",
            sql: """
                -- The public keys of issuers whose tokens nodes take, as they were fetched last.
                CREATE TABLE issuerKeys (
                    source TEXT PRIMARY KEY,
                    keys TEXT NOT NULL,
                    changed INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                """
        )
    }
}
