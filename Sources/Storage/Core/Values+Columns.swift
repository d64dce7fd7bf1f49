import Domain
import Foundation
import GRDB

// How Domain's values stand in columns. A column that does not read back is the database's fault, not the caller's:
// it throws `StorageFault.corrupt` with the column's name.

extension Digest {
    var column: Data { Data(self.bytes) }
}

extension Timestamp {
    var column: Int64 { self.unixMilliseconds }
}

extension Row {
    func digest(_ column: String) throws -> Digest {
        let data: Data? = self[column]
        guard let data, let digest = Digest(data) else { throw StorageFault.corrupt("column \(column) is no digest") }
        return digest
    }

    func digestIfPresent(_ column: String) throws -> Digest? {
        let data: Data? = self[column]
        return data == nil ? nil : try self.digest(column)
    }

    func timestamp(_ column: String) -> Timestamp { Timestamp(unixMilliseconds: self[column]) }

    func timestampIfPresent(_ column: String) -> Timestamp? {
        let milliseconds: Int64? = self[column]
        return milliseconds.map(Timestamp.init(unixMilliseconds:))
    }

    func id<Subject>(_ column: String) throws -> ID<Subject> {
        guard let id = ID<Subject>(self[column] as String) else {
            throw StorageFault.corrupt("column \(column) is no id")
        }
        return id
    }

    func name<Subject>(_ column: String) throws -> Name<Subject> {
        guard let name = Name<Subject>(self[column] as String) else {
            throw StorageFault.corrupt("column \(column) is no name")
        }
        return name
    }

    /// A case of an enum by its raw text.
    func choice<Choice: RawRepresentable<String>>(_ column: String) throws -> Choice {
        guard let choice = Choice(rawValue: self[column]) else {
            throw StorageFault.corrupt("column \(column) holds an unknown word")
        }
        return choice
    }
}
