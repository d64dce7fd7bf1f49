import Domain
import Storage

extension Reading {
    /// The keys of this issuer that were fetched last; nil if none ever were.
    func keys(of issuer: IssuerContent) throws -> [IssuerKey]? {
        try self.issuerKeys(from: issuer.source.text).flatMap { PublicKeys(Array($0.utf8))?.keys }
    }
}
