package import Testing

/// Waits until `condition` holds, looking every few milliseconds; records an issue after `limit`.
///
/// The only place in the tests that sleeps: for what a real process or socket does in its own time. Rules and machines
/// get their time as an argument and never need it.
@discardableResult
package func eventually(
    within limit: Duration = .seconds(10),
    _ expectation: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: limit)
    repeat {
        if try await condition() { return true }
        try await clock.sleep(for: .milliseconds(10))
    } while clock.now < deadline
    Issue.record("not within \(limit): \(expectation)", sourceLocation: sourceLocation)
    return false
}
