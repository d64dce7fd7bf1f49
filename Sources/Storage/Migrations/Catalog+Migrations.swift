import GRDB

extension DatabaseMigrator {
    mutating func registerCatalog() {
        self.register(
            "2026-11-24 catalog",
            sql: """
                CREATE TABLE revision (
                    kind TEXT NOT NULL,
                    name TEXT NOT NULL,
                    revision INTEGER NOT NULL CHECK (revision > 0),
                    content TEXT NOT NULL CHECK (json_valid(content)),
                    author TEXT NOT NULL,
                    state TEXT NOT NULL,
                    created INTEGER NOT NULL,
                    PRIMARY KEY (kind, name, revision)
                ) STRICT, WITHOUT ROWID;
                CREATE TRIGGER revisionIsNeverUpdated BEFORE UPDATE ON revision
                BEGIN SELECT RAISE(ABORT, 'history never changes'); END;
                CREATE TRIGGER revisionIsNeverDeleted BEFORE DELETE ON revision
                BEGIN SELECT RAISE(ABORT, 'history never changes'); END;

                -- Where each thing stands: its newest revision, and the one that is in force, if any.
                CREATE TABLE item (
                    kind TEXT NOT NULL,
                    name TEXT NOT NULL,
                    latest INTEGER NOT NULL,
                    inForce INTEGER CHECK (inForce <= latest),
                    isArchived INTEGER NOT NULL CHECK (isArchived IN (0, 1)),
                    PRIMARY KEY (kind, name),
                    FOREIGN KEY (kind, name, latest) REFERENCES revision (kind, name, revision),
                    FOREIGN KEY (kind, name, inForce) REFERENCES revision (kind, name, revision)
                ) STRICT, WITHOUT ROWID;
                """
        )
    }
}
