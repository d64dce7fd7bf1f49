package import Domain
package import Storage

extension Team: CatalogContent {
    package static var kind: Kind { .teams }
    package var title: String { self.name.text }
    package var owner: Name<Team>? { self.name }

    /// As on the traffic API: what a caller may send as metadata, a team may pin.
    private static let metadataCountMax = 16
    private static let metadataBytesMax = 1_024

    package init?(_ form: inout Form) {
        let name: Name<Team>? = form.name("name")
        let metadata = form.strings("metadata", countMax: Self.metadataCountMax, bytesMax: Self.metadataBytesMax)
        guard let name, let metadata else { return nil }
        self.init(name: name, metadata: metadata)
    }

    package var json: JSON {
        .object(["name": .string(self.name.text), "metadata": .object(self.metadata.mapValues(JSON.string))])
    }
}
