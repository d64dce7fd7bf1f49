package import Domain

/// The only thing that a node is given to join: where its trust begins and what it may not go below.
///
/// `mj1.<id>.<secret>.<server key pin>.<digest of root 1>.<floor>`
package struct JoinToken: Hashable, Sendable {
    package static let prefix = "mj1"
    package static let lengthMax = 512

    package let id: ID<JoinToken>
    /// 32 random bytes in base64url. Stored by its digest alone.
    package let secret: String
    /// SHA-256 of the server's public key (SubjectPublicKeyInfo); nil where the control plane has no TLS.
    package let serverKeyPin: Digest?
    /// SHA-256 of root 1's payload.
    package let rootDigest: Digest
    package let floor: HeadPosition

    package static func mint(
        serverKeyPin: Digest?,
        rootDigest: Digest,
        floor: HeadPosition,
        using random: inout some RandomNumberGenerator
    ) -> JoinToken {
        func draw(_ count: Int) -> String {
            Base64.encodeURL((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        }
        guard let id = ID<JoinToken>(draw(9)) else { preconditionFailure("base64url of nine bytes is an id") }
        return JoinToken(
            id: id,
            secret: draw(32),
            serverKeyPin: serverKeyPin,
            rootDigest: rootDigest,
            floor: floor
        )
    }

    private init(id: ID<JoinToken>, secret: String, serverKeyPin: Digest?, rootDigest: Digest, floor: HeadPosition) {
        self.id = id
        self.secret = secret
        self.serverKeyPin = serverKeyPin
        self.rootDigest = rootDigest
        self.floor = floor
    }

    /// Nil unless `text` is a whole token, blanks around it aside.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.lengthMax else { return nil }
        let blanks: Set<Character> = [" ", "\t", "\n", "\r", "\r\n"]
        var rest = Substring(text)
        while let last = rest.last, blanks.contains(last) { rest.removeLast() }
        while let first = rest.first, blanks.contains(first) { rest.removeFirst() }
        let parts = rest.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == Self.prefix, let id = ID<JoinToken>(parts[1]),
            Base64.decodeURL(parts[2])?.count == 32, let root = Base64.decodeURL(parts[4]).flatMap({ Digest($0) }),
            let floor = Self.floor(parts[5])
        else { return nil }
        let pin = parts[3] == "-" ? nil : Base64.decodeURL(parts[3]).flatMap { Digest($0) }
        guard parts[3] == "-" || pin != nil else { return nil }
        self.init(id: id, secret: parts[2], serverKeyPin: pin, rootDigest: root, floor: floor)
    }

    private static func floor(_ text: String) -> HeadPosition? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let epoch = UInt64(parts[0]), let version = UInt64(parts[1]), max(epoch, version) <= Check.numberMax
        else { return nil }
        return HeadPosition(epoch: epoch, headVersion: version)
    }

    /// Shown once, to whoever starts the node.
    package var text: String {
        let pin = self.serverKeyPin.map { Base64.encodeURL($0.bytes) } ?? "-"
        let root = Base64.encodeURL(self.rootDigest.bytes)
        return "\(Self.prefix).\(self.id).\(self.secret).\(pin).\(root).\(self.floor)"
    }

    package var secretDigest: Digest { Self.digest(ofSecret: self.secret) }

    /// What is stored and compared.
    package static func digest(ofSecret secret: String) -> Digest { Digest.sha256(of: Array(secret.utf8)) }
}

extension JoinToken: CustomStringConvertible {
    package var description: String { "join token \(self.id)" }
}
