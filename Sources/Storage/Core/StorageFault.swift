/// What storage refuses, in terms that its callers can act on. Everything else that it throws is SQLite's own.
package enum StorageFault: Error, Hashable, Sendable {
    /// Another process (or another `Database` of this one) has the file open.
    case alreadyOpen(path: String)
    /// The file was written by a newer build.
    case newerSchema(migration: String)
    /// The queue of writes is full: come back later.
    case overloaded(writesWaiting: Int)
    /// The thing is not at the revision that the caller saw; nil if it does not exist.
    case staleRevision(latest: Int64?)
    /// There is one of that name already.
    case exists
    case notFound
    /// A step that this state does not allow, such as approving what was withdrawn.
    case wrongState(String)
    /// The same idempotency key came with another request.
    case otherRequest
    /// What stands in the database contradicts itself; says where.
    case corrupt(String)
    /// A file could not be opened or locked.
    case file(path: String, errno: Int32)
}

extension StorageFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .alreadyOpen(let path): "\(path) is in use by another process; stop it first"
        case .newerSchema(let migration): "the database was written by a newer build (\(migration)); use that build"
        case .overloaded(let waiting): "\(waiting) writes wait already; try again later"
        case .staleRevision(let latest):
            latest.map { "it is at revision \($0) now; read it again" } ?? "it does not exist"
        case .exists: "one of that name exists already"
        case .notFound: "there is none of that name"
        case .wrongState(let detail): detail
        case .otherRequest: "this idempotency key was used with another request"
        case .corrupt(let detail): "the database contradicts itself: \(detail)"
        case .file(let path, let errno): "cannot open \(path) (errno \(errno))"
        }
    }
}
