import GRDB

extension DatabaseMigrator {
    mutating func registerLedger() {
        self.register(
            "2026-11-28 ledger",
            sql: """
                -- One budget, for one of those that it counts apart, in one window. Money in nano-dollars.
                CREATE TABLE budgetAccount (
                    id INTEGER PRIMARY KEY,
                    budget TEXT NOT NULL,
                    window TEXT NOT NULL,
                    unit TEXT NOT NULL,
                    windowStart INTEGER NOT NULL,
                    windowEnd INTEGER,
                    amount INTEGER NOT NULL CHECK (amount >= 0),
                    -- May be above the amount: a posting always goes through.
                    posted INTEGER NOT NULL CHECK (posted >= 0),
                    pending INTEGER NOT NULL CHECK (pending >= 0),
                    unconfirmed INTEGER NOT NULL CHECK (unconfirmed >= 0),
                    UNIQUE (budget, window, unit)
                ) STRICT;

                CREATE TABLE lease (
                    boot TEXT NOT NULL,
                    number INTEGER NOT NULL,
                    account INTEGER NOT NULL REFERENCES budgetAccount (id),
                    node TEXT NOT NULL,
                    granted INTEGER NOT NULL,
                    returned INTEGER NOT NULL,
                    used INTEGER NOT NULL,
                    posted INTEGER NOT NULL,
                    assumed INTEGER NOT NULL,
                    isOpen INTEGER NOT NULL CHECK (isOpen IN (0, 1)),
                    PRIMARY KEY (boot, number)
                ) STRICT, WITHOUT ROWID;
                -- What was posted to an account by events, by the quarter of an hour of their admission.
                CREATE TABLE budgetSpend (
                    account INTEGER NOT NULL REFERENCES budgetAccount (id),
                    quarter INTEGER NOT NULL,
                    posted INTEGER NOT NULL,
                    PRIMARY KEY (account, quarter)
                ) STRICT, WITHOUT ROWID;

                CREATE INDEX leaseByAccount ON lease (account, isOpen);
                CREATE INDEX leaseOpen ON lease (boot) WHERE isOpen = 1;
                """
        )
    }
}
