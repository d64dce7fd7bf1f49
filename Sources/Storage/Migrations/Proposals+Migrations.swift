import GRDB

extension DatabaseMigrator {
    mutating func registerProposals() {
        self.register(
            "2026-11-24 proposals",
            sql: """
                CREATE TABLE proposal (
                    id TEXT PRIMARY KEY,
                    number INTEGER NOT NULL UNIQUE,
                    kind TEXT NOT NULL,
                    name TEXT NOT NULL,
                    -- The revision that is proposed; approval is refused if the thing has moved on since.
                    revision INTEGER NOT NULL,
                    proposer TEXT NOT NULL,
                    created INTEGER NOT NULL,
                    approvalsRequired INTEGER NOT NULL CHECK (approvalsRequired >= 0),
                    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'rejected', 'withdrawn', 'overtaken')),
                    decided INTEGER,
                    FOREIGN KEY (kind, name, revision) REFERENCES revision (kind, name, revision)
                ) STRICT, WITHOUT ROWID;
                CREATE UNIQUE INDEX proposalIsOneAtATime ON proposal (kind, name) WHERE state = 'open';
                CREATE INDEX proposalByState ON proposal (state, number);

                CREATE TABLE vote (
                    proposal TEXT NOT NULL REFERENCES proposal (id),
                    principal TEXT NOT NULL,
                    verdict TEXT NOT NULL CHECK (verdict IN ('approve', 'reject')),
                    reason TEXT NOT NULL,
                    time INTEGER NOT NULL,
                    PRIMARY KEY (proposal, principal)
                ) STRICT, WITHOUT ROWID;
                CREATE TRIGGER voteIsNeverUpdated BEFORE UPDATE ON vote
                BEGIN SELECT RAISE(ABORT, 'a vote is never changed'); END;
                CREATE TRIGGER voteIsNeverDeleted BEFORE DELETE ON vote
                BEGIN SELECT RAISE(ABORT, 'a vote is never taken back'); END;
                """
        )
    }
}
