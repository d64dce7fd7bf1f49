import GRDB

extension DatabaseMigrator {
    mutating func registerNodes() {
        self.register(
            "2026-11-24 nodes",
            sql: """
                CREATE TABLE joinToken (
                    id TEXT PRIMARY KEY,
                    digest BLOB NOT NULL CHECK (length(digest) = 32),
                    pool TEXT NOT NULL,
                    usesLeft INTEGER NOT NULL CHECK (usesLeft >= 0),
                    uses INTEGER NOT NULL CHECK (uses > 0),
                    creator TEXT NOT NULL,
                    created INTEGER NOT NULL,
                    expires INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;

                CREATE TABLE node (
                    id TEXT PRIMARY KEY,
                    name TEXT NOT NULL,
                    pool TEXT NOT NULL,
                    token TEXT NOT NULL REFERENCES joinToken (id),
                    ed25519 BLOB NOT NULL UNIQUE CHECK (length(ed25519) = 32),
                    x25519 BLOB NOT NULL CHECK (length(x25519) = 32),
                    state TEXT NOT NULL CHECK (state IN ('active', 'draining', 'banned')),
                    enrolled INTEGER NOT NULL,
                    stateSince INTEGER NOT NULL,
                    seen INTEGER NOT NULL,
                    boot TEXT,
                    -- The node's last status as JSON; null until it has sent one.
                    status TEXT CHECK (status IS NULL OR json_valid(status))
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX nodeBySeen ON node (seen);
                """
        )
    }
}
