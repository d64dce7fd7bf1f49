import Platform
import TestSupport

extension TestIdentity {
    /// Writes both files into a folder; returns their paths.
    func write(to folder: TemporaryFolder, name: String = "server") throws -> (certificate: String, key: String) {
        let paths = (certificate: "\(folder.path)/\(name).pem", key: "\(folder.path)/\(name).key")
        try DurableFile.write(Array(self.certificate.utf8), to: paths.certificate)
        try DurableFile.write(Array(self.key.utf8), to: paths.key)
        return paths
    }
}
