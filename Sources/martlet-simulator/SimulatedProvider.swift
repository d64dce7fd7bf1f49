import Foundation

/// The provider as a whole: which answer a request gets. Knows nothing of sockets.
struct SimulatedProvider: Sendable {
    let defaults: Knobs
    let key: String?
    let ledger: Ledger

    init(defaults: Knobs, key: String?, seed: UInt64) {
        self.defaults = defaults
        self.key = key
        self.ledger = Ledger(seed: seed)
    }

    enum Reply {
        case json(status: Int, body: Data, headers: [(String, String)])
        case answer(Answer)
    }

    func reply(method: String, path: String, authorization: String?, body: Data) -> Reply {
        if path.hasPrefix("/_sim/") { return self.inspection(method, path) }
        if let key, authorization != "Bearer \(key)" {
            self.ledger.refused()
            return self.error(401, "simulated: wrong key")
        }
        switch (method, path) {
        case ("POST", "/v1/chat/completions"): return self.chat(body)
        case ("GET", "/v1/models"):
            return self.ok(
                Data(#"{"object":"list","data":[{"id":"sim","object":"model","created":0,"owned_by":"sim"}]}"#.utf8)
            )
        default: return self.error(404, "simulated: nothing at \(method) \(path)")
        }
    }

    private func chat(_ body: Data) -> Reply {
        do {
            let request = try JSONDecoder().decode(ChatRequest.self, from: body)
            var knobs = self.defaults
            if let suffix = request.model.firstIndex(of: ";") { knobs = try knobs.applying(request.model[suffix...]) }
            if let own = request.metadata?["sim"] { knobs = try knobs.applying(own) }
            return self.refusalOrAnswer(self.ledger.answer(to: request, knobs: knobs))
        } catch let flaw as Knobs.Flaw {
            return self.error(400, flaw.text)
        } catch {
            return self.error(400, "simulated: not a chat request: \(error)")
        }
    }

    private func refusalOrAnswer(_ answer: Answer) -> Reply {
        guard let status = answer.knobs.status, !answer.knobs.hang else { return .answer(answer) }
        self.ledger.refused()
        let retryAfter = answer.knobs.retryAfter.map { [("retry-after", String($0))] } ?? []
        return .json(status: status, body: Data(Answer.error(status, "simulated \(status)").utf8), headers: retryAfter)
    }

    private func inspection(_ method: String, _ path: String) -> Reply {
        do {
            switch (method, path) {
            case ("GET", "/_sim/counts"): return self.ok(try self.ledger.countsJSON())
            case ("GET", "/_sim/answers"): return self.ok(try self.ledger.answersJSON())
            case ("GET", "/_sim/last"): return self.ok(try self.ledger.lastJSON())
            case ("POST", "/_sim/reset"):
                self.ledger.reset()
                return self.ok(Data("{}".utf8))
            default: return self.error(404, "simulated: nothing at \(method) \(path)")
            }
        } catch {
            return self.error(500, "simulated: \(error)")
        }
    }

    private func ok(_ body: Data) -> Reply { .json(status: 200, body: body, headers: []) }

    private func error(_ status: Int, _ message: String) -> Reply {
        .json(status: status, body: Data(Answer.error(status, message).utf8), headers: [])
    }
}
