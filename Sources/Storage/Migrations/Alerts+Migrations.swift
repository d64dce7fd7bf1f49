import GRDB

extension DatabaseMigrator {
    mutating func registerAlerts() {
        self.register(
            "2026-11-28 alerts",
            sql: """
                -- Thresholds to which accounts have come; each is here once, for ever, so that it is told once.
                CREATE TABLE budgetAlert (
                    id TEXT PRIMARY KEY,
                    account INTEGER NOT NULL REFERENCES budgetAccount (id),
                    threshold INTEGER NOT NULL,
                    -- As it was then. Money in nano-dollars.
                    amount INTEGER NOT NULL,
                    posted INTEGER NOT NULL,
                    time INTEGER NOT NULL,
                    tries INTEGER NOT NULL DEFAULT 0,
                    -- When it is to be told, or tried again; null when that is over.
                    due INTEGER,
                    UNIQUE (account, threshold)
                ) STRICT;

                CREATE INDEX budgetAlertDue ON budgetAlert (due) WHERE due IS NOT NULL;
                """
        )
    }
}
