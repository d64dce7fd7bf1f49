import Platform
import TestSupport
import Testing

/// Many calls at once, calls given up, and the client's end.
@Suite(.timeLimit(.minutes(1))) struct OutgoingConcurrencyTests {
    private func direct(_ change: (inout OutgoingOptions) -> Void = { _ in }) -> OutgoingOptions {
        OutgoingClientTests.direct(change)
    }

    @Test func `two hundred calls at once all end, on no more connections than allowed`() async throws {
        let server = try await ScriptedServer { request in
            let path = request.split(separator: " ")[1]
            return reply(body: "you asked for \(path)")
        }
        try await OutgoingClient.scoped(self.direct { $0.connectionsPerHostMax = 8 }) { client in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in 0..<200 {
                    tasks.addTask {
                        let response = try await client.send(OutgoingRequest(.get, server.url("/\(number)")))
                        #expect(String(decoding: response.body, as: UTF8.self) == "you asked for /\(number)")
                    }
                }
                try await tasks.waitForAll()
            }
        }
        #expect(server.seen.requests.count == 200)
        #expect(server.seen.connections <= 8)
    }

    @Test func `connections are used again`() async throws {
        let server = try await ScriptedServer { _ in reply() }
        try await OutgoingClient.scoped(self.direct()) { client in
            for _ in 0..<20 { _ = try await client.send(OutgoingRequest(.get, server.url())) }
        }
        #expect(server.seen.connections == 1)
    }

    @Test func `cancelling the task ends the transfer and closes its connection`() async throws {
        let server = try await ScriptedServer { _ in [.hang] }
        try await OutgoingClient.scoped(self.direct()) { client in
            try await withThrowingTaskGroup(of: OutgoingFault?.self) { tasks in
                tasks.addTask {
                    await client.fault(of: OutgoingRequest(.get, server.url()))
                }
                try await eventually("the request arrives") { server.seen.requests.count == 1 }
                tasks.cancelAll()
                let fault = try await tasks.next()
                #expect(fault??.kind == .cancelled)
            }
            try await eventually("the connection is closed") { server.seen.closed == 1 }
        }
    }

    @Test func `a task that is cancelled already sends nothing to wait for`() async throws {
        let server = try await ScriptedServer { _ in [.hang] }
        try await OutgoingClient.scoped(self.direct()) { client in
            await withTaskGroup(of: OutgoingFault.Kind?.self) { tasks in
                tasks.cancelAll()
                tasks.addTask {
                    await client.fault(of: OutgoingRequest(.get, server.url()))?.kind
                }
                for await kind in tasks { #expect(kind == .cancelled) }
            }
        }
    }

    @Test func `one call more than the bound is refused at once and the bound is free again afterwards`() async throws {
        let server = try await ScriptedServer { $0.hasPrefix("GET /hang") ? [.hang] : reply() }
        try await OutgoingClient.scoped(self.direct { $0.transfersMax = 2 }) { client in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<2 {
                    tasks.addTask {
                        _ = await client.fault(of: OutgoingRequest(.get, server.url("/hang")))
                    }
                }
                try await eventually("both hang") { server.seen.requests.count == 2 }
                await #expect(throws: OutgoingFault(.overloaded, "2 transfers are under way already")) {
                    try await client.send(OutgoingRequest(.get, server.url("/third")))
                }
                tasks.cancelAll()
            }
            #expect(await client.fault(of: OutgoingRequest(.get, server.url("/after"))) == nil)
        }
    }

    @Test func `shutdown ends what is under way and refuses what comes after, however often it is called`() async throws
    {
        let server = try await ScriptedServer { _ in [.hang] }
        let client = OutgoingClient(self.direct())
        try await withThrowingTaskGroup(of: OutgoingFault.Kind?.self) { tasks in
            for _ in 0..<5 {
                tasks.addTask {
                    await client.fault(of: OutgoingRequest(.get, server.url()))?.kind
                }
            }
            try await eventually("all hang") { server.seen.requests.count == 5 }
            await client.shutdown()
            await client.shutdown()
            for try await kind in tasks { #expect(kind == .closed) }
        }
        await #expect(throws: OutgoingFault(.closed, "the client has been shut down")) {
            try await client.send(OutgoingRequest(.get, server.url()))
        }
    }

    @Test func `calls that are made and given up at random moments each end exactly once`() async throws {
        var random = SeededGenerator.printed()
        let server = try await ScriptedServer { $0.hasPrefix("GET /hang") ? [.hang] : reply() }
        let pauses = (0..<200).map { _ in Int.random(in: 0...3000, using: &random) }
        try await OutgoingClient.scoped(self.direct { $0.connectionsPerHostMax = 64 }) { client in
            let ended = await withTaskGroup(of: Int.self) { tasks in
                for (number, pause) in pauses.enumerated() {
                    tasks.addTask {
                        await withTaskGroup(of: Int.self) { race in
                            race.addTask {
                                let path = number.isMultiple(of: 2) ? "/hang" : "/answer"
                                return switch await client.result(of: OutgoingRequest(.get, server.url(path))) {
                                case .success(let response): response.status
                                case .failure(let fault): fault.kind == .cancelled ? 1 : 0
                                }
                            }
                            for _ in 0..<pause { await Task.yield() }
                            race.cancelAll()
                            return await race.next() ?? -1
                        }
                    }
                }
                return await tasks.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(ended.count == 200)
            #expect(ended.allSatisfy { $0 == 1 || $0 == 200 }, "\(Set(ended))")
            #expect(await client.fault(of: OutgoingRequest(.get, server.url("/last"))) == nil)
        }
    }
}

extension OutgoingClient {
    /// The call's end as a value.
    func result(of request: OutgoingRequest) async -> Result<OutgoingResponse, OutgoingFault> {
        do {
            return .success(try await self.send(request))
        } catch {
            return .failure(error)
        }
    }

    func status(_ method: OutgoingRequest.Method, _ url: String) async throws -> Int {
        try await self.send(OutgoingRequest(method, url)).status
    }

    /// Nil where a reply came.
    func fault(of request: OutgoingRequest) async -> OutgoingFault? {
        switch await self.result(of: request) {
        case .success: nil
        case .failure(let fault): fault
        }
    }
}
