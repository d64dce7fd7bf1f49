/// What a page shows: the name of its template, and the values that stand in it.
struct Page: Sendable {
    let title: String
    let section: Section?
    let template: Templates.Name
    let content: JSON
    var status = 200
    var hasCharts = false

    init(_ title: String, in section: Section?, _ template: Templates.Name, _ content: JSON) {
        self.title = title
        self.section = section
        self.template = template
        self.content = content
    }
}
