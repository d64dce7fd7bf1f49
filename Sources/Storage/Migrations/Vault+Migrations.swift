import GRDB

extension DatabaseMigrator {
    mutating func registerVault() {
        self.register(
            "2026-11-24 vault",
            sql: """
                -- What this installation is; one row, made by `init`.
                CREATE TABLE environment (
                    one INTEGER PRIMARY KEY CHECK (one = 1),
                    id TEXT NOT NULL,
                    epoch INTEGER NOT NULL CHECK (epoch > 0),
                    approvalsRequired INTEGER NOT NULL CHECK (approvalsRequired >= 0),
                    publishing TEXT NOT NULL CHECK (publishing IN ('automatic', 'manual')),
                    created INTEGER NOT NULL
                ) STRICT;

                -- Online signing keys. The private half is sealed by the master key, which is never in here.
                CREATE TABLE signingKey (
                    keyID BLOB PRIMARY KEY CHECK (length(keyID) = 32),
                    role TEXT NOT NULL CHECK (role IN ('release', 'freshness')),
                    sealed BLOB NOT NULL,
                    created INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;

                CREATE TABLE root (
                    version INTEGER PRIMARY KEY CHECK (version > 0),
                    envelope BLOB NOT NULL
                ) STRICT;

                -- Values of secrets, sealed; old versions stay until the secret is removed.
                CREATE TABLE secretValue (
                    name TEXT NOT NULL,
                    version INTEGER NOT NULL CHECK (version > 0),
                    sealed BLOB NOT NULL,
                    created INTEGER NOT NULL,
                    PRIMARY KEY (name, version)
                ) STRICT, WITHOUT ROWID;
                """
        )
    }
}
