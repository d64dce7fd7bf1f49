import ServiceLifecycle

/// Runs a loop that never ends by itself until the process shuts down; being cancelled by that is no error.
func untilGracefulShutdown(_ loop: @escaping @Sendable () async throws -> Void) async throws {
    do {
        try await cancelWhenGracefulShutdown(loop)
    } catch is CancellationError {
        return  // The loops' way to stop.
    }
}
