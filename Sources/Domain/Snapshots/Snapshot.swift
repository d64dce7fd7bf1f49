/// Everything a node needs to serve an exchange, frozen: one manifest's content under one deny list.
///
/// An exchange takes one strong reference on arrival and keeps it to its end.
package final class Snapshot: Sendable {
    package let version: SnapshotVersion
    /// The version as every reply tells it; written once.
    package let versionText: String
    package let content: SnapshotContent
    package let denyList: DenyList

    package init(version: SnapshotVersion, content: SnapshotContent, denyList: DenyList) {
        self.version = version
        self.versionText = version.description
        self.content = content
        self.denyList = denyList
    }

    /// The key with this digest, if it may be used at `now`.
    package func key(_ digest: Digest, at now: Timestamp) -> APIKey? {
        guard let key = self.content.keys[digest], !self.denyList.revokedKeys.contains(key.id) else { return nil }
        if let expires = key.expires, expires <= now { return nil }
        return key
    }
}
