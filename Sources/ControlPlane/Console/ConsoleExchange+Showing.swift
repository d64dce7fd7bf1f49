import Hummingbird

/// Pages and refusals as whole documents.
extension ConsoleExchange {
    func show(_ page: Page, _ entrance: Entrance) async throws -> Response {
        let visit = try self.visit(entrance)
        let open = try await visit.get("/status")["proposals"]?.integer("open") ?? 0
        let frame = Frame(
            visit: visit,
            session: entrance.session,
            word: self.console.signedIn.takeWord(entrance.cookie),
            openProposals: open,
            onceKey: self.console.signedIn.onceKey(),
            assets: self.console.assets
        )
        return ConsoleResponse.page(page.status, frame.html(page, self.console.templates))
    }

    /// A refusal as a page; where nobody is signed in, or nothing else can be shown, without a menu.
    func page(of problem: Problem, in section: Section?) -> Page {
        var page = Page(problem.title, in: section, .problem, ProblemView.json(problem, request: self.id))
        page.status = problem.status
        return page
    }

    func alone(_ problem: Problem) -> Response {
        let page = self.page(of: problem, in: nil)
        let html = Frame.alone(page, self.console.templates, self.console.assets)
        return ConsoleResponse.page(problem.status, html)
    }
}
