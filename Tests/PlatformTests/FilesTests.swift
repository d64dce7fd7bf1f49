import Foundation
import Platform
import TestSupport
import Testing

/// Files that outlive crashes and stay private.
@Suite struct FilesTests {
    private let folder: TemporaryFolder

    init() throws { self.folder = try TemporaryFolder() }

    private func path(_ name: String) -> String { "\(self.folder.path)/\(name)" }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func problem(_ body: () throws -> Void) -> FileFault.Problem? {
        do {
            try body()
            return nil
        } catch {
            return (error as? FileFault)?.problem
        }
    }

    @Test func `what is written is read back, replaced whole, and private`() throws {
        let path = self.path("a")
        try DurableFile.write([1, 2, 3], to: path)
        try DurableFile.write([4], to: path)
        #expect(try DurableFile.read(path, bytesMax: 10, audience: .owner) == [4])
        #expect(try self.mode(path) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder.path) == ["a"], "no temporary is left")
    }

    @Test func `a write that fails leaves the old file and no temporary`() throws {
        // A directory in the file's place makes the rename fail after the temporary has been written.
        try DurableFile.makeDirectory(self.path("a"))
        try DurableFile.write([1], to: self.path("a/inside"))
        #expect(self.problem { try DurableFile.write([2], to: self.path("a")) } != nil)
        #expect(try DurableFile.read(self.path("a/inside"), bytesMax: 1) == [1])
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder.path) == ["a"])
    }

    @Test func `create never overwrites`() throws {
        try DurableFile.create([1], at: self.path("key"))
        #expect(self.problem { try DurableFile.create([2], at: self.path("key")) } == .exists)
        #expect(try DurableFile.read(self.path("key"), bytesMax: 1) == [1])
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder.path) == ["key"])
    }

    @Test func `an unfinished file gets its name when it is whole, and never another's`() throws {
        let file = try UnfinishedFile(of: self.path("copy"))
        #expect(try self.mode(file.path) == 0o600)
        #expect(!DurableFile.isTaken(self.path("copy")))
        try DurableFile.write([1], to: file.path)
        try file.finish()
        #expect(try DurableFile.read(self.path("copy"), bytesMax: 1) == [1])
        let second = try UnfinishedFile(of: self.path("copy"))
        #expect(self.problem { try second.finish() } == .exists)
        let third = try UnfinishedFile(of: self.path("other"))
        try DurableFile.write([1], to: "\(third.path)-journal")
        try third.discard()
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder.path) == ["copy"])
    }

    @Test func `a killed writer's unfinished file goes with the next one, but none that is being written`() throws {
        var writing: UnfinishedFile? = try UnfinishedFile(of: self.path("copy"))
        let name = try #require(writing?.path)
        try DurableFile.write([1], to: "\(name)-journal")
        let others = [".copy.1.1.a.martlet-tmp", "a.martlet-unfinished", ".martlet-unfinished-not"].map(self.path)
        for other in others { try DurableFile.write([1], to: other) }
        try UnfinishedFile(of: self.path("copy")).discard()
        #expect(DurableFile.isTaken(name), "somebody writes it")
        // A kill takes the lock away, as this does.
        writing = nil
        try UnfinishedFile(of: self.path("copy")).discard()
        #expect(!DurableFile.isTaken(name) && !DurableFile.isTaken("\(name)-journal"))
        #expect(others.allSatisfy(DurableFile.isTaken), "they are not this kind's")
    }

    @Test func `a file of exactly the bound is read and one byte more is refused`() throws {
        try DurableFile.write([UInt8](repeating: 7, count: 100), to: self.path("a"))
        #expect(try DurableFile.read(self.path("a"), bytesMax: 100).count == 100)
        #expect(self.problem { _ = try DurableFile.read(self.path("a"), bytesMax: 99) } == .tooLarge(bytesMax: 99))
        // Its size is not known beforehand: /proc says 0.
        #expect(
            self.problem { _ = try DurableFile.read("/proc/self/maps", bytesMax: 50) } == .tooLarge(bytesMax: 50)
        )
    }

    @Test func `a private file is refused when others can read it or a link stands in its place`() throws {
        let path = self.path("key")
        try DurableFile.write([1], to: path, mode: 0o640)
        #expect(self.problem { _ = try DurableFile.read(path, bytesMax: 9, audience: .owner) }.isExposed)
        #expect(try DurableFile.read(path, bytesMax: 9) == [1])
        try DurableFile.write([1], to: path)
        try FileManager.default.createSymbolicLink(atPath: self.path("link"), withDestinationPath: path)
        let link = self.path("link")
        #expect(self.problem { _ = try DurableFile.read(link, bytesMax: 9, audience: .owner) } == .notPlain)
        #expect(try DurableFile.read(link, bytesMax: 9) == [1])
    }

    @Test func `a pipe or a directory is no file, and opening one does not hang`() throws {
        #expect(unsafe mkfifo(self.path("pipe"), 0o600) == 0)
        #expect(self.problem { _ = try DurableFile.read(self.path("pipe"), bytesMax: 9) } == .notPlain)
        #expect(self.problem { _ = try DurableFile.read(self.folder.path, bytesMax: 9) } == .notPlain)
    }

    @Test func `a missing file is told apart from every other fault`() throws {
        #expect(try DurableFile.readIfPresent(self.path("none"), bytesMax: 9) == nil)
        #expect(self.problem { _ = try DurableFile.read(self.path("none"), bytesMax: 9) } == .missing)
        #expect(self.problem { _ = try DurableFile.readIfPresent(self.folder.path, bytesMax: 9) } == .notPlain)
        try DurableFile.remove(self.path("none"))
    }

    @Test func `directories are made with their parents, private, and an open one is refused`() throws {
        try DurableFile.makeDirectory(self.path("x/y/z"))
        #expect(try self.mode(self.path("x/y/z")) == 0o700)
        try DurableFile.makeDirectory(self.path("x/y/z"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: self.path("x/y/z"))
        #expect(self.problem { try DurableFile.makeDirectory(self.path("x/y/z")) }.isExposed)
    }

    @Test func `a directory is locked once, and free again when the lock goes away`() throws {
        let directory = self.path("data")
        do {
            let lock = try DirectoryLock(directory)
            #expect(self.problem { _ = try DirectoryLock(directory) } == .inUse("process \(getpid())"))
            #expect(lock.directory == directory)
        }
        _ = try DirectoryLock(directory)
    }

    @Test func `taking the lock clears what a crash left in the middle of a write`() throws {
        let directory = self.path("data")
        try DurableFile.makeDirectory(directory)
        try DurableFile.write([1], to: "\(directory)/.state.99999.1.martlet-tmp")
        try DurableFile.write([1], to: "\(directory)/.other")
        try DurableFile.write([1], to: "\(directory)/state")
        let lock = try DirectoryLock(directory)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: lock.directory).sorted() == [".other", "lock", "state"]
        )
    }

    @Test func `writers of one file at the same time leave one whole content`() async throws {
        let path = self.path("a")
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for value in UInt8(0)..<40 {
                tasks.addTask { try DurableFile.write([UInt8](repeating: value, count: 5000), to: path) }
            }
            try await tasks.waitForAll()
        }
        let content = try DurableFile.read(path, bytesMax: 10_000)
        #expect(content.count == 5000)
        #expect(Set(content).count == 1)
    }
}

extension FileFault.Problem? {
    fileprivate var isExposed: Bool {
        if case .exposed = self { true } else { false }
    }
}
