import Domain

/// What stands around every page: title, menu, who is signed in, what was just done.
struct Frame {
    let visit: Visit
    let session: Session
    let word: String?
    let openProposals: Int64
    let onceKey: String
    let assets: ConsoleAssets

    func html(_ page: Page, _ templates: Templates) -> String {
        let shared: [String: JSON] = ["csrf": .string(self.session.csrf), "once": .string(self.onceKey)]
        let main = templates.render(page.template, page.content.merging(shared))
        let content = Self.head(page, self.assets).merging(shared).merging([
            "main": .string(main), "word": self.word.map(JSON.string) ?? .null, "menu": .array(self.menu(page.section)),
            "who": .object([
                "name": .string(self.visit.caller.name),
                "roles": .string(self.visit.caller.grants.phrase),
            ]),
        ])
        return templates.render(.layout, content)
    }

    /// A page where nobody is signed in.
    static func alone(_ page: Page, _ templates: Templates, _ assets: ConsoleAssets) -> String {
        let main = templates.render(page.template, page.content)
        let content = self.head(page, assets)
            .merging(["main": .string(main), "word": .null, "menu": .null, "who": .null])
        return templates.render(.layout, content)
    }

    private static func head(_ page: Page, _ assets: ConsoleAssets) -> JSON {
        .object([
            "title": .string(page.status >= 400 ? "Error: \(page.title)" : page.title),
            "stylesheets": .array(assets.stylesheets.map(JSON.string)),
            "scripts": .array((page.hasCharts ? assets.chartScripts : []).map(JSON.string)),
            "icon": .string(assets.icon),
        ])
    }

    private func menu(_ current: Section?) -> [JSON] {
        Section.allCases.filter { self.visit.may(.get, $0.endpoint) }.map { section in
            let isWaiting = section == .proposals && self.openProposals > 0
            return .object([
                "title": .string(section.title), "link": .string(section.link),
                "isCurrent": .bool(section == current),
                "waiting": isWaiting ? .string(Figures.count(self.openProposals)) : .null,
            ])
        }
    }
}
