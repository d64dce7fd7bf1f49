import GRDB

/// The steps from an empty file to today's schema. A step that was released is never edited: what it made is in
/// people's files. New steps are added at the end of their room's file, dated.
enum Migrations {
    /// All of them, in order.
    static var all: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerAudit()
        migrator.registerCatalog()
        migrator.registerAccounts()
        migrator.registerProposals()
        migrator.registerRequests()
        migrator.registerVault()
        migrator.registerSnapshots()
        migrator.registerNodes()
        migrator.registerUsage()
        migrator.registerLedger()
        migrator.registerAlerts()
        migrator.registerBackup()
        return migrator
    }

    static func bringUpToDate(_ pool: any DatabaseWriter) throws {
        let migrations = self.all
        let newer = try pool.read { db in
            let known = Set(migrations.migrations)
            return try migrations.appliedIdentifiers(db).first { !known.contains($0) }
        }
        if let newer { throw StorageFault.newerSchema(migration: newer) }
        try migrations.migrate(pool)
    }
}

extension DatabaseMigrator {
    /// One dated step that is plain SQL. Every table is STRICT.
    mutating func register(_ dated: String, sql: String) {
        self.registerMigration(dated) { db in try db.execute(sql: sql) }
    }
}
