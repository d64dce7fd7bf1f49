import GRDB

extension DatabaseMigrator {
    mutating func registerAudit() {
        self.register(
            "2026-11-24 audit",
            sql: """
                CREATE TABLE auditEntry (
                    number INTEGER PRIMARY KEY CHECK (number > 0),
                    previous BLOB NOT NULL CHECK (length(previous) = 32),
                    time INTEGER NOT NULL,
                    actor TEXT NOT NULL,
                    action TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    before BLOB CHECK (before IS NULL OR length(before) = 32),
                    after BLOB CHECK (after IS NULL OR length(after) = 32),
                    detail TEXT NOT NULL CHECK (json_valid(detail)),
                    reason TEXT NOT NULL,
                    request TEXT NOT NULL,
                    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)
                ) STRICT;
                CREATE INDEX auditEntryBySubject ON auditEntry (subject, number);
                CREATE TRIGGER auditEntryIsDense BEFORE INSERT ON auditEntry
                WHEN NEW.number <> coalesce((SELECT max(number) FROM auditEntry), 0) + 1
                BEGIN SELECT RAISE(ABORT, 'audit entries are numbered without gaps'); END;
                CREATE TRIGGER auditEntryIsNeverUpdated BEFORE UPDATE ON auditEntry
                BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
                CREATE TRIGGER auditEntryIsNeverDeleted BEFORE DELETE ON auditEntry
                BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
                """
        )
    }
}
