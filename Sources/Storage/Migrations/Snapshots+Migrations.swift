import GRDB

extension DatabaseMigrator {
    mutating func registerSnapshots() {
        self.register(
            "2026-11-24 snapshots",
            sql: """
                -- Everything that nodes fetch by its digest: sections, manifests, deny lists.
                CREATE TABLE blob (
                    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
                    bytes BLOB NOT NULL,
                    created INTEGER NOT NULL
                ) STRICT;

                -- One row for each publication; never changed.
                CREATE TABLE manifest (
                    seq INTEGER PRIMARY KEY CHECK (seq > 0),
                    epoch INTEGER NOT NULL,
                    floorSeq INTEGER NOT NULL CHECK (floorSeq <= seq),
                    envelope BLOB NOT NULL CHECK (length(envelope) = 32),
                    size INTEGER NOT NULL,
                    payload BLOB NOT NULL CHECK (length(payload) = 32),
                    -- Of the sections' references: equal contents have equal digests.
                    content BLOB NOT NULL CHECK (length(content) = 32),
                    -- How many things each kind of section holds.
                    counts TEXT NOT NULL CHECK (json_valid(counts)),
                    author TEXT NOT NULL,
                    approvals TEXT NOT NULL CHECK (json_valid(approvals)),
                    auditNumber INTEGER NOT NULL,
                    auditHash BLOB NOT NULL CHECK (length(auditHash) = 32),
                    restored INTEGER,
                    published INTEGER NOT NULL,
                    comment TEXT NOT NULL
                ) STRICT;
                CREATE TRIGGER manifestIsNeverUpdated BEFORE UPDATE ON manifest
                BEGIN SELECT RAISE(ABORT, 'a publication never changes'); END;
                CREATE TRIGGER manifestIsNeverDeleted BEFORE DELETE ON manifest
                BEGIN SELECT RAISE(ABORT, 'publications are never removed'); END;

                CREATE TABLE manifestBlob (
                    seq INTEGER NOT NULL REFERENCES manifest (seq),
                    digest BLOB NOT NULL CHECK (length(digest) = 32),
                    PRIMARY KEY (seq, digest)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX manifestBlobByDigest ON manifestBlob (digest);

                -- What each head version refers to. A version's references never change: that would be equivocation.
                CREATE TABLE head (
                    epoch INTEGER NOT NULL,
                    version INTEGER NOT NULL CHECK (version > 0),
                    stable INTEGER REFERENCES manifest (seq),
                    denyNumber INTEGER NOT NULL,
                    denyDigest BLOB NOT NULL CHECK (length(denyDigest) = 32),
                    denySize INTEGER NOT NULL,
                    -- Of the deny list's entries, without its number: equal contents have equal digests.
                    denyContent BLOB NOT NULL CHECK (length(denyContent) = 32),
                    rootVersion INTEGER NOT NULL,
                    created INTEGER NOT NULL,
                    PRIMARY KEY (epoch, version)
                ) STRICT, WITHOUT ROWID;
                CREATE TRIGGER headIsNeverUpdated BEFORE UPDATE ON head
                BEGIN SELECT RAISE(ABORT, 'a head version never changes what it refers to'); END;
                """
        )
    }
}
