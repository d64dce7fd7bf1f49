/// A refusal, as a page or beside a form.
enum ProblemView {
    static func json(_ problem: Problem, request: String? = nil) -> JSON {
        let errors = problem.errors.filter { !$0.pointer.isEmpty }
        return [
            "title": .string(problem.title), "detail": .string(problem.detail),
            "errors": .unlessEmpty(
                errors.map { ["pointer": .string($0.pointer), "detail": .string($0.detail)] }
            ),
            "request": request.map(JSON.string) ?? .null,
        ]
    }

    /// For the form of this page that was refused; null on a page that is only looked at.
    static func json(_ visit: Visit) -> JSON { visit.refusal.map { self.json($0) } ?? .null }
}
