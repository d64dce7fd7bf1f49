import GRDB

extension DatabaseMigrator {
    mutating func registerUsage() {
        self.register(
            "2026-11-24 usage",
            sql: UsageTables.streams + UsageTables.events + UsageTables.leftovers
                + UsageTables.sums("usageMinute", by: "minute") + UsageTables.sums("usageHour", by: "hour")
        )
        self.register(
            "2026-11-28 usage by prompt",
            sql: """
                ALTER TABLE usageEvent ADD COLUMN prompt TEXT;
                ALTER TABLE usageEvent ADD COLUMN promptVersion INTEGER;
                """ + UsageTables.sumsByPrompt("usageMinute", by: "minute")
                    + UsageTables.sumsByPrompt("usageHour", by: "hour")
        )
        self.register(
            "2026-11-28 usage streams by boot",
            sql: "CREATE INDEX usageStreamByBoot ON usageStream (boot)"
        )
        self.register(
            "2026-11-28 usage by kind of token",
            sql: UsageTables.rareKinds("usageEvent") + "ALTER TABLE usageEvent ADD COLUMN serviceTier TEXT;\n"
                + UsageTables.rareKinds("usageMinute") + UsageTables.rareKinds("usageHour")
        )
    }
}

/// The tables of the first usage migration; frozen with it.
private enum UsageTables {
    static let streams = """
        -- How far each boot's stream has been taken in.
        CREATE TABLE usageStream (
            node TEXT NOT NULL,
            boot TEXT NOT NULL,
            watermark INTEGER NOT NULL,
            chain BLOB NOT NULL CHECK (length(chain) IN (0, 32)),
            isClosed INTEGER NOT NULL CHECK (isClosed IN (0, 1)),
            isFenced INTEGER NOT NULL CHECK (isFenced IN (0, 1)),
            machineWentDown INTEGER NOT NULL CHECK (machineWentDown IN (0, 1)),
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            PRIMARY KEY (node, boot)
        ) STRICT, WITHOUT ROWID;

        """

    static let events = """
        CREATE TABLE usageEvent (
            node TEXT NOT NULL,
            boot TEXT NOT NULL,
            seq INTEGER NOT NULL,
            received INTEGER NOT NULL,
            admitted INTEGER NOT NULL,
            exchange TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            isLast INTEGER NOT NULL,
            team TEXT NOT NULL,
            key TEXT NOT NULL,
            user TEXT NOT NULL,
            task TEXT NOT NULL,
            metadata TEXT NOT NULL CHECK (json_valid(metadata)),
            route TEXT,
            model TEXT,
            provider TEXT,
            priceVersion INTEGER,
            providerRequest TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            snapshot INTEGER NOT NULL,
            headVersion INTEGER NOT NULL,
            inputTokens INTEGER,
            cachedInputTokens INTEGER,
            outputTokens INTEGER,
            tokenSource TEXT NOT NULL,
            costNanoDollars INTEGER NOT NULL,
            -- What the named price gives, where that is not the node's number.
            expectedNanoDollars INTEGER,
            firstToken INTEGER,
            providerLatency INTEGER NOT NULL,
            totalLatency INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            code TEXT,
            upstreamStatus INTEGER,
            isStream INTEGER NOT NULL,
            isUnconfirmed INTEGER NOT NULL,
            PRIMARY KEY (node, boot, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX usageEventByAdmission ON usageEvent (admitted);
        CREATE INDEX usageEventByExchange ON usageEvent (exchange);

        """

    static let leftovers = """
        -- Records that this build cannot read, as they came.
        CREATE TABLE usageUnreadable (
            node TEXT NOT NULL,
            boot TEXT NOT NULL,
            seq INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            received INTEGER NOT NULL,
            PRIMARY KEY (node, boot, seq)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE usageLost (
            node TEXT NOT NULL,
            boot TEXT NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL CHECK (last >= first),
            received INTEGER NOT NULL,
            PRIMARY KEY (node, boot, first)
        ) STRICT, WITHOUT ROWID;

        -- Values of dimensions that callers make up, as they were seen each day.
        CREATE TABLE usageValue (
            day INTEGER NOT NULL,
            dimension TEXT NOT NULL,
            value TEXT NOT NULL,
            events INTEGER NOT NULL,
            PRIMARY KEY (day, dimension, value)
        ) STRICT, WITHOUT ROWID;

        """

    /// The same table with one more column in its key, which SQLite cannot add to one that is there.
    static func sumsByPrompt(_ table: String, by time: String) -> String {
        let dimensions = "\(time), team, key, user, route, model, provider, task"
        let names = self.totals.split(separator: "\n").compactMap { $0.split(separator: " ").first }
            .joined(separator: ", ")
        return """

            ALTER TABLE \(table) RENAME TO \(table)Before;
            CREATE TABLE \(table) (
                \(time) INTEGER NOT NULL,
                team TEXT NOT NULL,
                key TEXT NOT NULL,
                user TEXT NOT NULL,
                route TEXT NOT NULL,
                model TEXT NOT NULL,
                provider TEXT NOT NULL,
                task TEXT NOT NULL,
                prompt TEXT NOT NULL,
                \(self.totals)
                PRIMARY KEY (\(dimensions), prompt)
            ) STRICT, WITHOUT ROWID;
            INSERT INTO \(table) (\(dimensions), prompt, \(names))
                SELECT \(dimensions), '', \(names) FROM \(table)Before;
            DROP TABLE \(table)Before;

            """
    }

    /// Counts of kinds that only some providers tell: NULL where none did, as in all that was there before.
    static func rareKinds(_ table: String) -> String {
        [
            "cacheWriteTokens", "cacheWrite1hTokens", "inputAudioTokens", "inputImageTokens", "reasoningTokens",
            "outputAudioTokens", "outputImageTokens",
        ]
        .map { "ALTER TABLE \(table) ADD COLUMN \($0) INTEGER;\n" }.joined()
    }

    private static let totals = """
        events INTEGER NOT NULL,
        requests INTEGER NOT NULL,
        answered INTEGER NOT NULL,
        denied INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        timedOut INTEGER NOT NULL,
        cut INTEGER NOT NULL,
        cancelled INTEGER NOT NULL,
        lost INTEGER NOT NULL,
        unconfirmed INTEGER NOT NULL,
        streamed INTEGER NOT NULL,
        inputTokens INTEGER NOT NULL,
        inputKnown INTEGER NOT NULL,
        inputAbsent INTEGER NOT NULL,
        cachedInputTokens INTEGER NOT NULL,
        cachedInputKnown INTEGER NOT NULL,
        cachedInputAbsent INTEGER NOT NULL,
        outputTokens INTEGER NOT NULL,
        outputKnown INTEGER NOT NULL,
        outputAbsent INTEGER NOT NULL,
        costNanoDollars INTEGER NOT NULL,
        costMismatches INTEGER NOT NULL,
        firstToken BLOB NOT NULL,
        providerLatency BLOB NOT NULL,
        totalLatency BLOB NOT NULL,
        """

    /// Sums of one span each, by everything that usage can be asked by.
    static func sums(_ table: String, by time: String) -> String {
        """
        CREATE TABLE \(table) (
            \(time) INTEGER NOT NULL,
            team TEXT NOT NULL,
            key TEXT NOT NULL,
            user TEXT NOT NULL,
            route TEXT NOT NULL,
            model TEXT NOT NULL,
            provider TEXT NOT NULL,
            task TEXT NOT NULL,
            \(self.totals)
            PRIMARY KEY (\(time), team, key, user, route, model, provider, task)
        ) STRICT, WITHOUT ROWID;

        """
    }
}
