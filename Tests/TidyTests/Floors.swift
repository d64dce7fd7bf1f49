/// Who may import whom: only down a floor, only what Package.swift names, and outside packages only in their homes.
struct Floors {
    let manifest: Manifest

    /// Outside packages and C libraries stay in their room, so that their types never cross a floor.
    static let homes: [String: Set<String>] = [
        "ArgumentParser": ["martlet", "martlet-control", "martlet-node", "martlet-simulator"],
        "CCurl": ["Platform"],
        "CSimdJSON": ["Dialects"],
        "Configuration": ["Platform"],
        "Crypto": ["Wire", "ControlPlane", "DataPlane"],
        "CryptoExtras": ["Wire"],
        "GRDB": ["Storage"],
        "HTTPTypes": ["Platform", "ControlPlane"],
        "Hummingbird": ["Platform", "ControlPlane"],
        "HummingbirdCore": ["ControlPlane"],
        "HummingbirdTLS": ["ControlPlane"],
        "JWTKit": ["ControlPlane"],
        "Mustache": ["ControlPlane"],
        "NIOHTTP1": ["DataPlane", "martlet-simulator"],
        "NIOPosix": ["Platform", "DataPlane", "martlet-simulator"],
        "NIOSSL": ["Platform", "DataPlane", "martlet-simulator"],
        "Schemas": ["Wire"],
        "SwiftProtobuf": ["Wire", "Schemas"],
        "Yams": ["ControlPlane", "martlet"],
    ]

    /// What the toolchain brings; `Domain` and the traffic path are denied Foundation by the ban list.
    static let toolchain: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Swift", "Testing",
    ]

    func violations(in file: SourceFile) -> [String] {
        guard let target = manifest.targets[file.target] else {
            return ["\(file.path): Package.swift has no line for \(file.target)"]
        }
        return file.imports.compactMap { line, module in
            complaint(about: module, in: target).map { "\(file.path):\(line): \($0)" }
        }
    }

    private func complaint(about module: String, in target: Manifest.Target) -> String? {
        if module == target.name || Self.toolchain.contains(module) { return nil }
        guard target.imports.contains(module) else {
            return "imports \(module), which the line of \(target.name) in Package.swift does not name"
        }
        guard let floor = target.floor else { return nil }
        if let homes = Self.homes[module], !homes.contains(target.name) {
            return "imports \(module), whose home is \(homes.sorted().joined(separator: " and "))"
        }
        if let below = manifest.targets[module]?.floor, below >= floor, !Self.sideways.contains([target.name, module]) {
            return "is on floor \(floor) and imports \(module) on floor \(below)"
        }
        return nil
    }

    /// On the same floor by the plan itself: a rule may use the language that rules are written in.
    private static let sideways: Set<[String]> = [["Domain", "Expressions"]]
}
