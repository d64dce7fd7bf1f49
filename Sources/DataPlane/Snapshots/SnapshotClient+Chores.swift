package import Wire

/// What time alone brings about.
extension SnapshotClient {
    package enum Chore: Sendable {
        case storeTrial(StoredTrial)
        case storeFloors(Floors)
        /// The bound on staleness is passed: serve nothing until a fresh head comes.
        case withdraw
    }

    /// Asked about once a second.
    package mutating func tick(at now: Moment) -> [Chore] {
        var chores: [Chore] = []
        self.freshness.pass(now.wall)
        if var trial = self.trial, !trial.isSettled, trial.manifest == self.inForce?.reference,
            now.steady - self.trialSince >= StoredTrial.window
        {
            trial.isSettled = true
            self.trial = trial
            chores.append(.storeTrial(trial))
        }
        if self.mustStop, !self.isWithdrawn {
            self.isWithdrawn = true
            // Setting the clock back must not undo it, also not over a restart.
            self.floors.latest = self.freshness.latest
            chores.append(.storeFloors(self.floors))
            chores.append(.withdraw)
        }
        return chores
    }

    /// A clean shutdown is no crash. What to store, if anything is on trial.
    package mutating func endCleanly() -> StoredTrial? {
        guard var trial = self.trial, !trial.isSettled, trial.manifest == self.inForce?.reference else { return nil }
        trial.isSettled = true
        self.trial = trial
        return trial
    }

    /// Clears what is reported, so that a reader of it sees only what is refused from now on.
    package mutating func forgetRefusals() { self.refused = [] }
}
