/// A chart for the script to draw; the page has a table of the same numbers.
struct Chart {
    let title: String
    let labels: [String]
    let series: [Series]
    /// `count`, `usd` or `ms`, for how numbers are written at the axis.
    let unit: String
    var kind = "bar"

    struct Series {
        let name: String
        /// As decimals; nil where there is nothing to draw.
        let values: [String?]
        /// To compare with, not measured.
        var isGuide = false
    }

    var json: JSON {
        let data: JSON = [
            "kind": .string(self.kind), "unit": .string(self.unit), "labels": .array(self.labels.map(JSON.string)),
            "series": .array(
                self.series.map { series in
                    [
                        "name": .string(series.name),
                        "values": .array(series.values.map { $0.map(JSON.number) ?? .null }),
                        "isGuide": .bool(series.isGuide),
                    ]
                }
            ),
        ]
        return ["title": .string(self.title), "data": .string(data.canonical)]
    }
}
