import GRDB

extension DatabaseMigrator {
    mutating func registerBackup() {
        self.register(
            "2026-11-28 backup",
            sql: """
                -- Only in a copy that `martlet-control backup` made: when, and the digest of all other tables' rows.
                CREATE TABLE backupSeal (
                    one INTEGER PRIMARY KEY CHECK (one = 1),
                    made INTEGER NOT NULL,
                    digest BLOB NOT NULL CHECK (length(digest) = 32)
                ) STRICT;

                -- Each time that this installation was restored from a backup: the epoch that began then.
                CREATE TABLE restoration (
                    epoch INTEGER PRIMARY KEY CHECK (epoch > 1),
                    -- The highest seq that may have been published before; what follows is above it.
                    lastSeq INTEGER NOT NULL CHECK (lastSeq >= 0),
                    isLossAccepted INTEGER NOT NULL CHECK (isLossAccepted IN (0, 1)),
                    -- The newest manifest that a node had, as it was signed; null where loss was accepted.
                    manifest BLOB,
                    restored INTEGER NOT NULL
                ) STRICT;
                CREATE TRIGGER restorationIsNeverUpdated BEFORE UPDATE ON restoration
                BEGIN SELECT RAISE(ABORT, 'history never changes'); END;
                CREATE TRIGGER restorationIsNeverDeleted BEFORE DELETE ON restoration
                BEGIN SELECT RAISE(ABORT, 'history never changes'); END;
                """
        )
    }
}
