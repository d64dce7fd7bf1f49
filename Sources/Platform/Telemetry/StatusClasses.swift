/// Counts HTTP replies by the first digit of their status: one cell each, labelled `1xx` to `5xx`.
package struct StatusClasses: Sendable {
    private let cells: [Counter]

    package init(_ cell: (_ label: String) -> Counter) { self.cells = (1...5).map { cell("\($0)xx") } }

    package func count(_ status: Int) { self.cells[min(max(status / 100, 1), 5) - 1].increment() }
}
